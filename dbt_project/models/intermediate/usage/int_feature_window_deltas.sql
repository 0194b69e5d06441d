{{ config(materialized='view') }}
with

feature_days as (

    select * from {{ ref('int_feature_days') }}

),

ranges as (

    select * from {{ ref('int_window_ranges') }}

),

select_feature_days as (

    select feature_days.*
    from feature_days
    inner join ranges
        on feature_days.company_id = ranges.company_id
        and feature_days.external_org_id = ranges.external_org_id
        and feature_days.date_day between ranges.from_day and ranges.until_day

),

list_active_days as (

    select company_id, app_id, external_org_id, feature_key, date_day
    from select_feature_days

    union all

    -- distinct: a feature used in two applications is one feature of the company
    select distinct company_id, 'all' as app_id, external_org_id, feature_key, date_day
    from select_feature_days

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
