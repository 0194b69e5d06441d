-- Companies and applications whose events differ between the event table, the sessions and the daily metrics;
-- `all` is the sum of the applications.
{% set counts = ['events', 'session_events', 'sessions', 'metric_events', 'metric_sessions'] -%}
with

stack_applications as (

    select company_id, app_id, count(*) as events, 0 as session_events, 0 as sessions
    from {{ ref('events') }}
    group by company_id, app_id

    union all

    select company_id, app_id, 0 as events, sum(events) as session_events, count(*) as sessions
    from {{ ref('sessions') }}
    group by company_id, app_id

),

stack_counts as (

    {% for app_id in ['app_id', "'all'"] -%}
    select company_id, {{ app_id }} as app_id, events, session_events, sessions, 0 as metric_events, 0 as metric_sessions
    from stack_applications

    union all

    {% endfor -%}
    select
        company_id, app_id, 0 as events, 0 as session_events, 0 as sessions,
        events as metric_events, sessions as metric_sessions
    from {{ ref('organization_metrics_daily') }}

)

select
    company_id,
    app_id,
    {%- for count in counts %}
    sum({{ count }}) as {{ count }}{{ ',' if not loop.last }}
    {%- endfor %}
from stack_counts
group by company_id, app_id
having
    sum(events) <> sum(session_events)
    or sum(events) <> sum(metric_events)
    or sum(sessions) <> sum(metric_sessions)
