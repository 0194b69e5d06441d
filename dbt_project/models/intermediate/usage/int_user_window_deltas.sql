{{ config(materialized='view') }}
with

user_days as (

    select * from {{ ref('int_user_days') }}

),

ranges as (

    select * from {{ ref('int_window_ranges') }}

),

select_user_days as (

    select user_days.*
    from user_days
    inner join ranges
        on user_days.company_id = ranges.company_id
        and user_days.external_org_id = ranges.external_org_id
        and user_days.date_day between ranges.from_day and ranges.until_day

),

list_active_days as (

    select company_id, app_id, external_org_id, user_hash, date_day
    from select_user_days

    union all

    -- distinct: a user of two applications is one user of the company
    select distinct company_id, 'all' as app_id, external_org_id, user_hash, date_day
    from select_user_days

),

{{ covering_deltas('list_active_days', 'user_hash', [7, 30]) }}

select
    company_id,
    app_id,
    external_org_id,
    date_day,
    entities as active_users,
    delta_7d as active_users_7d_delta,
    delta_30d as active_users_30d_delta
from sum_by_day
