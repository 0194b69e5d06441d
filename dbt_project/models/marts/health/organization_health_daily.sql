{{ config(materialized='view') }}
with

health as (

    select * from {{ ref('int_organization_health_daily') }}

)

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
