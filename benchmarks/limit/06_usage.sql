-- Rolling windows of those days, from the first event of an organization on, and what is used on each.
create temp table org_starts as
select org, app, min(day) as day
from org_days
where events > 0
group by all;

create temp table metrics as
with

dense as (
    select
        org, app, day,
        coalesce(events, 0) as events, coalesce(sessions, 0) as sessions, coalesce(page_views, 0) as page_views,
        seconds::double / nullif(measured, 0) as avg_session_seconds, last_event,
        coalesce(users, 0) as users, coalesce(users_7d, 0) as users_7d, coalesce(users_30d, 0) as users_30d,
        coalesce(features, 0) as features, coalesce(features_30d, 0) as features_30d
    from (
        select org, app, unnest(range(day, getvariable('as_of') - date '1970-01-01' + 1))::integer as day
        from org_starts
    )
    left join org_days using (org, app, day)
    left join deltas using (org, app, day)
),

rolled as (
    select
        org, app, day, events, sessions, page_views, avg_session_seconds, users, features,
        sum(events) over last_30 as events_30d,
        sum(events) over last_60 as events_60d,
        sum((events > 0)::integer) over last_30 as active_days_30d,
        sum(sessions) over last_30 as sessions_30d,
        sum(users_7d) over until_now as users_7d,
        sum(users_30d) over until_now as users_30d,
        sum(features_30d) over until_now as features_30d,
        max(last_event) over until_now as last_seen
    from dense
    window
        until_now as (partition by org, app order by day rows unbounded preceding),
        last_30 as (partition by org, app order by day rows 29 preceding),
        last_60 as (partition by org, app order by day rows 59 preceding)
)

select
    *,
    coalesce(lag(users_30d, 30) over (partition by org, app order by day), 0) as users_previous_30d
from rolled;

create table intermediate.int_organization_metrics_daily as
select
    company_id, app_id, external_org_id,
    date '1970-01-01' + day as date_day,
    events, sessions, page_views, avg_session_seconds,
    case when counts_users then users end::bigint as active_users,
    features::bigint as features_used,
    events_30d::bigint as events_30d,
    (events_60d - events_30d)::bigint as events_previous_30d,
    active_days_30d::bigint as active_days_30d,
    sessions_30d::bigint as sessions_30d,
    case when counts_users then users end::bigint as active_users_1d,
    case when counts_users then users_7d end::bigint as active_users_7d,
    case when counts_users then users_30d end::bigint as active_users_30d,
    case when counts_users then users_previous_30d end::bigint as active_users_previous_30d,
    features_30d::bigint as features_used_30d,
    make_timestamp(last_seen * 1000000) as last_seen_at,
    day - last_seen // 86400 as days_since_last_seen
from metrics
inner join orgs using (org)
inner join app_scopes using (company_id, app);

create table marts.feature_usage_daily as
select
    company_id, app_id, feature_key, external_org_id,
    date '1970-01-01' + day as date_day,
    events,
    case when counts_users then users end as active_users
from feature_days
inner join features using (feature)
inner join orgs using (org)
inner join apps using (company_id, app);
