with

active_intervals as (

    select * from {{ ref('int_subscription_active_intervals') }}

),

find_first_months as (

    select
        company_id,
        {{ start_of('month', 'min(active_from)') }} as first_month
    from active_intervals
    group by company_id

),

list_months as (

    select
        company_id,
        {{ month_rows('first_month', start_of('month', as_of_date())) }} as month
    from find_first_months

),

find_value_days as (

    select
        company_id,
        month,
        least(cast({{ month_end('month') }} as date), {{ as_of_date() }}) as value_day,
        cast({{ dbt.datediff('month', as_of_date(), 'month') }} as bigint) as months_ago,
        {{ as_of_date() }} < cast({{ month_end('month') }} as date) as is_partial
    from list_months

)

select * from find_value_days
