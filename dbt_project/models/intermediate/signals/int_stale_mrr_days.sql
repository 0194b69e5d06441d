{{ config(materialized='view') }}
with

ranges as (

    select * from {{ ref('int_mrr_ranges') }}

),

list_days as (

    select
        company_id,
        {{ day_rows('from_day', as_of_date()) }} as date_day
    from ranges

)

select * from list_days
