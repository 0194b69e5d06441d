{{ config(materialized='view') }}
with

fleet_usage as (

    select * from {{ ref('int_fleet_usage') }}

)

select
    company_id,
    app_id,
    date_day,
    organizations,
    median_usage_ratio,
    fleet_ratio
from fleet_usage
