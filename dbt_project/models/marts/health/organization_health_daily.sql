{{ config(materialized='view') }}
with

health as (

    select * from {{ ref('int_organization_health_daily') }}

),

days_before_use as (

    select * from {{ ref('int_days_before_use') }}

),

models as (

    select * from {{ ref('int_health_model') }}

),

add_days_before_use as (

    select
        company_id,
        app_id,
        external_org_id,
        date_day,
        health_score,
        health_band,
        main_driver,
        model_version
    from health

    union all

    -- Who has never been seen has no score.
    select
        days.company_id,
        days.app_id,
        days.external_org_id,
        days.date_day,
        null as health_score,
        'no_recent_activity' as health_band,
        null as main_driver,
        models.model_version
    from days_before_use as days
    inner join models
        on days.company_id = models.company_id

)

select
    company_id,
    app_id,
    external_org_id,
    display_name,
    date_day,
    health_score,
    health_band,
    {{ label_and_order('health_band') }},
    main_driver,
    model_version
from {{ described('add_days_before_use', 'display_name') }}
