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

),

add_openings as (

    select
        *,
        {%- for side in ['currency', 'reporting'] %}
        lag({{ side }}_units) over (partition by company_id, currency order by month)
            as opening_{{ side }}_units{{ ',' if not loop.last }}
        {%- endfor %}
    from pick_rates

),

mark_changes as (

    select
        *,
        coalesce(
            opening_currency_units <> currency_units or opening_reporting_units <> reporting_units,
            false
        ) as is_changed
    from add_openings

)

select * from mark_changes
