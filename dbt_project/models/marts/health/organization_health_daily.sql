{{ config(materialized='view') }}
with

health as (

    select * from {{ ref('int_organization_health_daily') }}

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
from {{ described('health', 'display_name') }}
