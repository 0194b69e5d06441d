{{ config(materialized='view') }}
with

feature_days as (

    select * from {{ ref('int_feature_days') }}

),

publish_feature_days as (

    select
        company_id,
        app_id,
        feature_key,
        external_org_id,
        date_day,
        cast(events as bigint) as events,
        cast(active_users as bigint) as active_users
    from feature_days

)

select * from {{ described('publish_feature_days', 'display_name') }}
