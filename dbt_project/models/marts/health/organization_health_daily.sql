with

days as (

    select * from {{ ref('int_organization_days') }}

),

health as (

    select * from {{ ref('int_organization_health') }}

),

models as (

    select * from {{ ref('int_health_model') }}

),

add_days_before_first_use as (

    select
        days.company_id,
        days.app_id,
        days.external_org_id,
        days.date_day,
        health.health_score,
        coalesce(health.health_band, 'no_recent_activity') as health_band,
        health.main_driver,
        models.model_version
    from days
    inner join models
        on days.company_id = models.company_id
    left join health
        on days.company_id = health.company_id
        and days.app_id = health.app_id
        and days.external_org_id = health.external_org_id
        and days.date_day = health.date_day

)

select * from add_days_before_first_use
