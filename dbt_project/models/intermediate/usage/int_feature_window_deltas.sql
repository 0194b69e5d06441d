{{ config(materialized='ephemeral') }}
with

{{ rolling_distinct_counts(ref('int_feature_days'), 'feature_key', [30]) }}

select
    company_id,
    app_id,
    external_org_id,
    date_day,
    entities as features_used,
    delta_30d as features_used_30d_delta
from sum_by_day
