{#-
    The rule by which an application's sessions are inferred: one ends with a gap longer than
    `session_timeout_minutes` or, in a `fixed_bucket`, with the half hour of the clock. Null without an earlier event.
-#}
{% macro ends_session(earlier_at, later_at) -%}
    case
            when session_inference = 'fixed_bucket'
                then {{ clock_span(earlier_at, '30') }} <> {{ clock_span(later_at, '30') }}
            else {{ later_at }} > {{ dbt.dateadd('minute', 'session_timeout_minutes', earlier_at) }}
        end
{%- endmacro %}

{#- Number of the span of the clock that a moment lies in: no rule parts the events of a user in one span. -#}
{% macro undivided_span(moment) -%}
    {{ clock_span(moment, "case when session_inference = 'fixed_bucket' then 30 else session_timeout_minutes end") }}
{%- endmacro %}

{% macro clock_span(moment, minutes) -%}
    floor({{ timestamp_to_micros(moment) }} / (60 * 1000000.0 * {{ minutes }}))
{%- endmacro %}


{#-
    CTEs that end in `events`: those whose sessions int_inferred_sessions derives. In a build that continues the last one
    they are the events of changed days and, so that sessions stay whole, those of the stored sessions within reach of
    such a day (`reached_sessions`).
-#}
{% macro events_of_inferred_sessions() -%}
    {%- set counted_events = ref('int_counted_events') -%}
    {%- set changed_days = ref('int_changed_days__this_run') -%}
    {%- set applications = ref('stg_applications') -%}
    {%- set day = 'company_id, app_id, external_org_id, occurred_on' -%}
    {%- if not is_incremental() -%}
events as (

    select * from {{ counted_events }}
    where client_session_id is null

)
    {%- else -%}
    {%- set minutes = 'greatest(coalesce(applications.session_timeout_minutes, 30), 30)' -%}
    {%- set reach = days_within_reach(changed_days, this, applications) -%}
reached_days as (

    select
        sessions.*,
        {{ day_rows(
            'cast(' ~ dbt.dateadd('minute', '-' ~ minutes, 'sessions.started_at') ~ ' as date)',
            'cast(' ~ dbt.dateadd('minute', minutes, 'sessions.ended_at') ~ ' as date)',
        ) }} as occurred_on
    from {{ this }} as sessions
    left join {{ applications }} as applications
        on sessions.company_id = applications.company_id
        and sessions.app_id = applications.app_id
    where
        cast(sessions.ended_at as date) >= cast('{{ reach[0] }}' as date)
        and cast(sessions.started_at as date) <= cast('{{ reach[1] }}' as date)

),

reached_sessions as (

    -- distinct: a session may be within reach of several changed days
    select distinct company_id, app_id, external_org_id, environment, user_hash, session_id, started_at, ended_at
    from reached_days
    where ({{ day }}) in (select {{ day }} from {{ changed_days }})

),

session_days as (

    select
        *,
        {{ day_rows('cast(started_at as date)', 'cast(ended_at as date)') }} as occurred_on
    from reached_sessions

),

events as (

    select * from {{ counted_events }}
    where
        client_session_id is null
        and {{ occurred_within(reach) }}
        and ({{ day }}) in (select {{ day }} from {{ changed_days }})

    union all

    select counted_events.*
    from {{ counted_events }} as counted_events
    inner join session_days
        on counted_events.company_id = session_days.company_id
        and counted_events.app_id = session_days.app_id
        and counted_events.external_org_id = session_days.external_org_id
        and counted_events.environment = session_days.environment
        and counted_events.user_hash = session_days.user_hash
        and counted_events.occurred_on = session_days.occurred_on
        and counted_events.occurred_at between session_days.started_at and session_days.ended_at
    where
        counted_events.client_session_id is null
        and {{ occurred_within(reach, 'counted_events.') }}
        and (counted_events.company_id, counted_events.app_id, counted_events.external_org_id, counted_events.occurred_on)
        not in (select {{ day }} from {{ changed_days }})

)
    {%- endif -%}
{%- endmacro %}


{#- First and last day (YYYY-MM-DD) that a session within reach of a changed day can have. -#}
{% macro days_within_reach(changed_days, sessions, applications) -%}
    {%- set longest = run_query(
        'select coalesce(max(' ~ dbt.datediff('started_at', 'ended_at', 'day') ~ '), 0) from ' ~ sessions
    ).rows[0][0] -%}
    {%- set minutes = run_query('select coalesce(max(session_timeout_minutes), 30) from ' ~ applications).rows[0][0] -%}
    {{ return(first_and_last('select occurred_on from ' ~ changed_days, (longest + minutes / 1440) | int + 2)) }}
{%- endmacro %}


{#-
    CTEs of a build that continues the last one: `replaced_sessions`, as stored, which reach over a changed day or get
    events of this build; `touched_sessions`, these and the new ones; `touched_days`, on which they have events.
-#}
{% macro touched_sessions() -%}
    {%- set changed_days = ref('int_changed_days__this_run') -%}
    {%- set events = ref('int_session_events') -%}
    {%- if is_incremental() -%}
    {%- set reach = first_and_last('select occurred_on from ' ~ changed_days) -%}
    {%- set day = 'company_id, app_id, external_org_id, occurred_on' -%}
new_events as (

    select company_id, session_id, occurred_on from {{ events }}
    where built_in = {{ build_number() }}

),

stored_days as (

    select
        company_id,
        app_id,
        external_org_id,
        session_id,
        {{ day_rows('cast(started_at as date)', 'cast(ended_at as date)') }} as occurred_on
    from {{ this }}
    where
        cast(ended_at as date) >= cast('{{ reach[0] }}' as date)
        and cast(started_at as date) <= cast('{{ reach[1] }}' as date)

),

touched_sessions as (

    select company_id, session_id from new_events

    union

    select company_id, session_id from stored_days
    where ({{ day }}) in (select {{ day }} from {{ changed_days }})

),

replaced_sessions as (

    select * from {{ this }}
    where {{ among(['company_id', 'session_id'], 'touched_sessions') }}

),

touched_days as (

    select occurred_on from new_events

    union

    select {{ day_rows('cast(started_at as date)', 'cast(ended_at as date)') }} as occurred_on
    from replaced_sessions

),
    {%- endif -%}
{%- endmacro %}


{#- The moment by which events are put in order: flat events have whole seconds, calls the fraction too. -#}
{% macro moment_in_order() -%}
    case when vendor is null then {{ dbt.date_trunc('second', 'occurred_at') }} else occurred_at end
{%- endmacro %}
