{{ config(materialized='view') }}
with

metrics as (

    select * from {{ ref('int_organization_metrics_daily') }}

),

days_before_use as (

    select * from {{ ref('int_days_before_use') }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}

),

add_days_before_use as (

    select
        company_id,
        app_id,
        external_org_id,
        date_day,
        events,
        sessions,
        page_views,
        avg_session_seconds,
        active_users,
        features_used,
        events_30d,
        events_previous_30d,
        active_days_30d,
        sessions_30d,
        active_users_1d,
        active_users_7d,
        active_users_30d,
        active_users_previous_30d,
        features_used_30d,
        last_seen_at,
        days_since_last_seen
    from metrics

    union all

    select
        days.company_id,
        days.app_id,
        days.external_org_id,
        days.date_day,
        cast(0 as bigint) as events,
        cast(0 as bigint) as sessions,
        cast(0 as bigint) as page_views,
        cast(null as double) as avg_session_seconds,
        cast(case when scopes.counts_users then 0 end as bigint) as active_users,
        cast(0 as bigint) as features_used,
        cast(0 as bigint) as events_30d,
        cast(0 as bigint) as events_previous_30d,
        cast(0 as bigint) as active_days_30d,
        cast(0 as bigint) as sessions_30d,
        cast(case when scopes.counts_users then 0 end as bigint) as active_users_1d,
        cast(case when scopes.counts_users then 0 end as bigint) as active_users_7d,
        cast(case when scopes.counts_users then 0 end as bigint) as active_users_30d,
        cast(case when scopes.counts_users then 0 end as bigint) as active_users_previous_30d,
        cast(0 as bigint) as features_used_30d,
        cast(null as timestamp) as last_seen_at,
        cast(null as bigint) as days_since_last_seen
    from days_before_use as days
    inner join scopes
        on days.company_id = scopes.company_id
        and days.app_id = scopes.app_id

)

select
    company_id,
    app_id,
    external_org_id,
    display_name,
    date_day,
    events,
    sessions,
    page_views,
    avg_session_seconds,
    active_users,
    features_used,
    events_30d,
    events_previous_30d,
    active_days_30d,
    sessions_30d,
    active_users_1d,
    active_users_7d,
    active_users_30d,
    active_users_previous_30d,
    features_used_30d,
    last_seen_at,
    days_since_last_seen
from {{ described('add_days_before_use', 'display_name') }}
