{{ config(materialized='ephemeral') }}
with

{{ rolling_distinct_counts(ref('int_user_days'), 'user_hash', [7, 30]) }}

select
    company_id,
    app_id,
    external_org_id,
    date_day,
    entities as active_users,
    delta_7d as active_users_7d_delta,
    delta_30d as active_users_30d_delta
from sum_by_day
