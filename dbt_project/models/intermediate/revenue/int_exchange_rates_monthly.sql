with

months as (

    select * from {{ ref('int_revenue_months') }}

),

rate_periods as (

    select * from {{ ref('int_exchange_rate_periods') }}

),

pick_rates as (

    select
        months.company_id,
        months.month,
        rate_periods.currency,
        rate_periods.currency_units,
        rate_periods.reporting_units
    from months
    inner join rate_periods
        on months.company_id = rate_periods.company_id
        and months.value_day between rate_periods.valid_from and rate_periods.valid_to

)

select * from pick_rates
