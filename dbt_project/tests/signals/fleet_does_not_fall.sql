{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fleet_usage'}}}) }}
-- Companies whose customers as a whole use a product less than 0.8 times as much as in the 30 days before: a holiday,
-- an outage or a change of the tracking. It is no usage drop of one of them.
select
    company_id,
    app_id,
    organizations,
    median_usage_ratio
from {{ ref('fleet_usage') }}
where date_day = {{ as_of_date() }}
    and median_usage_ratio < 0.8
