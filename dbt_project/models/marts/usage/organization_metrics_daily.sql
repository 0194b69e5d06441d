{{ config(materialized='view') }}
with

metrics as (

    select * from {{ ref('int_organization_metrics_daily') }}

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
from {{ described('metrics', 'display_name') }}
