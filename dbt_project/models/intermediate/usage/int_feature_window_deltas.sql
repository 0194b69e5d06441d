with

feature_days as (

    select * from {{ ref('int_feature_days') }}

),

list_active_days as (

    select company_id, app_id, external_org_id, feature_key, date_day
    from feature_days

    union all

    -- distinct: a feature used in two applications is one feature of the company
    select distinct company_id, 'all' as app_id, external_org_id, feature_key, date_day
    from feature_days

),

{{ covering_deltas('list_active_days', 'feature_key', [30]) }}

select
    company_id,
    app_id,
    external_org_id,
    date_day,
    entities as features_used,
    delta_30d as features_used_30d_delta
from sum_by_day
