{{ config(materialized='incremental', unique_key=['company_id', 'session_id'], post_hook="{{ delete_replaced() }}") }}
{% set scope = ['company_id', 'app_id', 'external_org_id', 'environment'] -%}
{% set user = (scope + ['user_hash']) | join(', ') -%}

{#- Events of one moment have the same order everywhere: by name, path and id. -#}
{% set event = record({
    'moment': moment_in_order(), 'event': 'event', 'path': "coalesce(path, '')",
    'event_id': 'event_id',
}) -%}
with

{{ events_of_inferred_sessions() }},

gather_spans as (

    -- To gather events is cheap and to sort them is not: of seven events one span is left to sort.
    select
        {{ user }},
        session_inference,
        session_timeout_minutes,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        min({{ event }}) as first_event
    from events
    group by {{ user }}, session_inference, session_timeout_minutes, {{ undivided_span('occurred_at') }}

),

find_gaps as (

    select
        *,
        lag(ended_at) over (partition by {{ user }} order by started_at) as previous_ended_at
    from gather_spans

),

number_sessions as (

    select
        *,
        sum(case when {{ ends_session('previous_ended_at', 'started_at') }} then 1 else 0 end) over (
            partition by {{ user }}
            order by started_at
            rows between unbounded preceding and current row
        ) as session_number
    from find_gaps

),

join_spans as (

    select
        {{ user }},
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        min(first_event) as first_event
    from number_sessions
    group by {{ user }}, session_number

)

select
    {{ user }},
    started_at,
    ended_at,
    {{ derived_id(scope + ["'event'", '(first_event).event_id']) }} as session_id,
    {{ build_number() }} as built_in
from join_spans
{%- if is_incremental() %}

union all

select
    {{ user }},
    started_at,
    ended_at,
    session_id,
    null as built_in
from reached_sessions
{%- endif %}
