-- Companies and applications whose events differ between the event table, the sessions and the daily metrics;
-- `all` is the sum of the applications.
with

count_events as (

    select company_id, app_id, count(*) as events
    from {{ ref('events') }}
    group by company_id, app_id

),

count_session_events as (

    select company_id, app_id, sum(events) as session_events, count(*) as sessions
    from {{ ref('sessions') }}
    group by company_id, app_id

),

compare_applications as (

    select
        coalesce(count_events.company_id, count_session_events.company_id) as company_id,
        coalesce(count_events.app_id, count_session_events.app_id) as app_id,
        count_events.events,
        count_session_events.session_events,
        count_session_events.sessions
    from count_events
    full outer join count_session_events
        on count_events.company_id = count_session_events.company_id
        and count_events.app_id = count_session_events.app_id

),

add_all as (

    select company_id, app_id, events, session_events, sessions from compare_applications

    union all

    select company_id, 'all' as app_id, sum(events) as events, sum(session_events) as session_events, sum(sessions) as sessions
    from compare_applications
    group by company_id

),

sum_metrics as (

    select company_id, app_id, sum(events) as metric_events, sum(sessions) as metric_sessions
    from {{ ref('organization_metrics_daily') }}
    group by company_id, app_id
    having sum(events) > 0

)

select
    coalesce(add_all.company_id, sum_metrics.company_id) as company_id,
    coalesce(add_all.app_id, sum_metrics.app_id) as app_id,
    add_all.events,
    add_all.session_events,
    add_all.sessions,
    sum_metrics.metric_events,
    sum_metrics.metric_sessions
from add_all
full outer join sum_metrics
    on add_all.company_id = sum_metrics.company_id
    and add_all.app_id = sum_metrics.app_id
where not coalesce(
    add_all.events = add_all.session_events
    and add_all.events = sum_metrics.metric_events
    and add_all.sessions = sum_metrics.metric_sessions,
    false
)
