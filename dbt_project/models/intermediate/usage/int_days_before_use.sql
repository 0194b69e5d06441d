{{ config(materialized='view') }}
with

starts as (

    select * from {{ ref('int_organization_starts') }}
    where app_id = 'all'

),

list_days as (

    select
        company_id,
        app_id,
        external_org_id,
        first_event_day,
        {{ day_rows('first_day', 'coalesce(' ~ add_days('first_event_day', -1) ~ ', ' ~ as_of_date() ~ ')') }} as date_day
    from starts
    where first_event_day is null or first_event_day > first_day

)

select * from list_days
