with

companies as (

    select * from {{ ref('stg_companies') }}

),

versions as (

    select * from {{ ref('stg_subscription_versions') }}

),

rates as (

    select * from {{ ref('stg_exchange_rates') }}

),

list_pairs as (

    -- Distinct: a company's subscriptions share a few currencies.
    select distinct versions.company_id, versions.currency, companies.reporting_currency
    from versions
    inner join companies on versions.company_id = companies.company_id

),

list_change_days as (

    select
        list_pairs.company_id,
        list_pairs.currency,
        list_pairs.reporting_currency,
        rates.rate_date,
        max(case when rates.currency = list_pairs.currency then rates.rate_date end)
            as currency_rate_date,
        max(case when rates.currency = list_pairs.reporting_currency then rates.rate_date end)
            as reporting_rate_date
    from list_pairs
    inner join rates on rates.currency in (list_pairs.currency, list_pairs.reporting_currency)
    where list_pairs.currency <> list_pairs.reporting_currency
    group by 1, 2, 3, 4

),

carry_last_rates as (

    select
        company_id,
        currency,
        reporting_currency,
        {% for side in ['currency', 'reporting'] -%}
        coalesce(
            max({{ side }}_rate_date) over (
                partition by company_id, currency
                order by rate_date
                rows between unbounded preceding and current row
            ),
            min({{ side }}_rate_date) over (partition by company_id, currency)
        ) as {{ side }}_rate_date,
        {% endfor -%}
        lag(rate_date) over (partition by company_id, currency order by rate_date) as previous_day,
        lead(rate_date) over (partition by company_id, currency order by rate_date) as next_day,
        rate_date
    from list_change_days

),

look_up_rates as (

    select
        days.company_id,
        days.currency,
        case when days.previous_day is null then {{ far_past() }} else days.rate_date end
            as valid_from,
        coalesce({{ add_days('days.next_day', -1) }}, {{ far_future() }})
            as valid_to,
        case when days.currency = 'EUR' then 1 else own.units_per_eur end as currency_units,
        case when days.reporting_currency = 'EUR' then 1 else reporting.units_per_eur end
            as reporting_units
    from carry_last_rates as days
    left join rates as own
        on days.currency = own.currency and days.currency_rate_date = own.rate_date
    left join rates as reporting
        on days.reporting_currency = reporting.currency
        and days.reporting_rate_date = reporting.rate_date

),

add_own_currency as (

    select
        company_id,
        currency,
        valid_from,
        valid_to,
        cast(currency_units as decimal(18, 8)) as currency_units,
        cast(reporting_units as decimal(18, 8)) as reporting_units
    from look_up_rates
    where currency_units is not null and reporting_units is not null

    union all

    select
        company_id,
        currency,
        {{ far_past() }} as valid_from,
        {{ far_future() }} as valid_to,
        cast(1 as decimal(18, 8)) as currency_units,
        cast(1 as decimal(18, 8)) as reporting_units
    from list_pairs
    where currency = reporting_currency

)

select * from add_own_currency
