with

starts as (

    select * from {{ ref('int_organization_starts') }}

),

first_mrr_days as (

    select * from {{ ref('int_organization_first_mrr_day') }}

),

list_first_days as (

    -- An application's first day is one with an event.
    select
        company_id,
        first_day as first_event_day,
        cast(null as date) as first_mrr_day
    from starts
    where app_id <> 'all'

    union all

    select
        company_id,
        cast(null as date) as first_event_day,
        first_mrr_day
    from first_mrr_days

),

find_first_scans as (

    select
        company_id,
        coalesce(min(first_event_day), min(first_mrr_day)) as first_scanned_on
    from list_first_days
    group by company_id

)

select * from find_first_scans
