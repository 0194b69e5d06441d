{#-
    CTEs that end in `events`: those whose sessions int_inferred_sessions derives. In a build that continues the last one
    they are the events of changed days and, so that sessions stay whole, the events of stored sessions within reach of
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

    select counted_events.*
    from {{ counted_events }} as counted_events
    left join {{ changed_days }} as changed_days
        on counted_events.company_id = changed_days.company_id
        and counted_events.app_id = changed_days.app_id
        and counted_events.external_org_id = changed_days.external_org_id
        and counted_events.occurred_on = changed_days.occurred_on
    left join session_days
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
        and (changed_days.company_id is not null or session_days.company_id is not null)

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
