with

versions as (

    select * from {{ ref('stg_subscription_versions') }}

),

find_first_months as (

    -- Of any version: a subscription may have counted as known earlier and never as known today.
    select
        company_id,
        {{ start_of('month', 'min(start_at)') }} as first_month
    from versions
    where start_at <= {{ as_of_date() }}
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
