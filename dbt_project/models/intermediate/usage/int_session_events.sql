{{ config(
    materialized='incremental', unique_key=['company_id', 'session_id'], meta={'stale': 'int_replaced_events'}
) }}
{% set columns = ['company_id', 'app_id', 'event_id', 'external_org_id', 'event', 'user_hash', 'path', 'client_session_id',
               'environment', 'plan', 'occurred_at', 'received_at', 'occurred_on', 'is_page_view'] -%}
{% set scope = ['company_id', 'app_id', 'external_org_id', 'environment'] -%}
{% set scope_of_user = (scope + ['user_hash']) | join(', ') -%}
{#- Events of one second have this order everywhere. -#}
{% set order = dbt.date_trunc('second', 'occurred_at') ~ ', event, path nulls first, user_hash, event_id' -%}
with

events as (

    select * from {{ ref('int_events_to_group') }}

),

measure_gaps as (

    select
        *,
        lag(occurred_at) over (
            partition by {{ scope_of_user }}
            order by occurred_at, event, path nulls first, event_id
        ) as previous_occurred_at
    from events
    where client_session_id is null

),

number_visits as (

    select
        *,
        case
            when session_inference = 'fixed_bucket'
                then cast(floor({{ timestamp_to_micros('occurred_at') }} / (30 * 60 * 1000000.0)) as bigint)
            else sum(
                case
                    when occurred_at > {{ dbt.dateadd('minute', 'session_timeout_minutes', 'previous_occurred_at') }}
                        then 1
                    else 0
                end
            ) over (
                partition by {{ scope_of_user }}
                order by occurred_at, event, path nulls first, event_id
                rows between unbounded preceding and current row
            )
        end as visit_number
    from measure_gaps

),

order_visits as (

    select
        *,
        first_value(event_id) over visit as first_event_id,
        row_number() over visit as event_number
    from number_visits
    window visit as (partition by {{ scope_of_user }}, visit_number order by {{ order }})

),

derive_session_ids as (

    select
        {{ columns | join(', ') }},
        {{ derived_id(scope + ["'client'", 'client_session_id']) }} as session_id,
        row_number() over (
            partition by {{ scope | join(', ') }}, client_session_id
            order by {{ order }}
        ) as event_number
    from events
    where client_session_id is not null

    union all

    select
        {{ columns | join(', ') }},
        {{ derived_id(scope + ["'event'", 'first_event_id']) }} as session_id,
        event_number
    from order_visits

)

select
    {{ columns | join(',\n    ') }},
    session_id,
    event_number,
    {{ build_number() }} as built_in
from derive_session_ids
-- The days lie together: what reads some of them does not look at the others.
order by occurred_on
