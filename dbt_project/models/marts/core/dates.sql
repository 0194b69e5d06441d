with

events as (

    select * from {{ ref('int_organization_event_days') }}

),

organizations as (

    select * from {{ ref('stg_organizations') }}

),

subscriptions as (

    select * from {{ ref('stg_subscriptions') }}

),

list_first_days as (

    select {{ as_of_date() }} as first_day

    union all

    select min(date_day) as first_day from events

    union all

    select cast(min(first_imported_at) as date) as first_day from organizations

    union all

    select min(start_at) as first_day from subscriptions

),

find_years as (

    select
        {{ start_of('year', 'min(first_day)') }} as first_day,
        {{ add_days(start_of('year', add_days(start_of('year', as_of_date()), 366)), -1) }} as last_day
    from list_first_days

),

list_days as (

    select {{ day_rows('first_day', 'last_day') }} as date_day
    from find_years

),

name_periods as (

    select
        date_day,
        cast(extract(year from date_day) as bigint) as year,
        {{ start_of('quarter', 'date_day') }} as quarter_start,
        {{ start_of('month', 'date_day') }} as month,
        cast({{ month_end('date_day') }} as date) as month_end,
        {{ start_of('week', 'date_day') }} as week_start
    from list_days

),

place_in_periods as (

    select
        *,
        cast({{ dbt.datediff('week_start', 'date_day', 'day') }} + 1 as bigint) as day_of_week,
        date_day = month_end as is_month_end,
        {{ dbt.datediff('week_start', 'date_day', 'day') }} >= 5 as is_weekend
    from name_periods

)

select
    date_day,
    year,
    quarter_start,
    month,
    month_end,
    week_start,
    day_of_week,
    is_month_end,
    is_weekend
from place_in_periods
