{{ config(materialized='incremental', pre_hook="{{ delete_from_day_on('health', ['company_id']) }}") }}
with

health as (

    select health.company_id, health.app_id, health.date_day, health.health_band
    from {{ ref('int_organization_health_daily') }} as health
    {{ only_recomputed('health', 'health', ['company_id']) }}

    union all

    select days.company_id, days.app_id, days.date_day, 'no_recent_activity' as health_band
    from {{ ref('int_days_before_use') }} as days
    {{ only_recomputed('health', 'days', ['company_id']) }}

),

bands as (

    select * from {{ ref('stg_health_bands') }}

),

count_bands as (

    select
        company_id,
        app_id,
        date_day,
        health_band,
        count(*) as organizations
    from health
    group by company_id, app_id, date_day, health_band

),

list_days as (

    -- distinct: one row per day, whatever bands its organizations are in
    select distinct company_id, app_id, date_day from count_bands

),

add_empty_bands as (

    select
        list_days.company_id,
        list_days.app_id,
        list_days.date_day,
        bands.health_band,
        coalesce(count_bands.organizations, 0) as organizations
    from list_days
    inner join bands
        on list_days.company_id = bands.company_id
    left join count_bands
        on list_days.company_id = count_bands.company_id
        and list_days.app_id = count_bands.app_id
        and list_days.date_day = count_bands.date_day
        and bands.health_band = count_bands.health_band

)

select
    *,
    {{ label_and_order('health_band') }}
from add_empty_bands
