-- Companies and applications whose events differ between the event table, the sessions and the daily metrics;
-- `all` is the sum of the applications.
with

count_events as (

    select company_id, app_id, count(*) as events
    from {{ ref('events') }}
    group by company_id, app_id

    union all

    select company_id, 'all' as app_id, count(*) as events
    from {{ ref('events') }}
    group by company_id

),

count_session_events as (

    select company_id, app_id, sum(events) as events, count(*) as sessions
    from {{ ref('sessions') }}
    group by company_id, app_id

    union all

    select company_id, 'all' as app_id, sum(events) as events, count(*) as sessions
    from {{ ref('sessions') }}
    group by company_id

),

sum_metrics as (

    select company_id, app_id, sum(events) as events, sum(sessions) as sessions
    from {{ ref('organization_metrics_daily') }}
    group by company_id, app_id
    having sum(events) > 0

)

select
    coalesce(count_events.company_id, count_session_events.company_id, sum_metrics.company_id) as company_id,
    coalesce(count_events.app_id, count_session_events.app_id, sum_metrics.app_id) as app_id,
    count_events.events,
    count_session_events.events as session_events,
    count_session_events.sessions,
    sum_metrics.events as metric_events,
    sum_metrics.sessions as metric_sessions
from count_events
full outer join count_session_events
    on count_events.company_id = count_session_events.company_id
    and count_events.app_id = count_session_events.app_id
full outer join sum_metrics
    on coalesce(count_events.company_id, count_session_events.company_id) = sum_metrics.company_id
    and coalesce(count_events.app_id, count_session_events.app_id) = sum_metrics.app_id
where not coalesce(
    count_events.events = count_session_events.events
    and count_events.events = sum_metrics.events
    and count_session_events.sessions = sum_metrics.sessions,
    false
)
