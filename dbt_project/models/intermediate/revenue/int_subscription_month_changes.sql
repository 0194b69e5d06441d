with

runs as (

    select * from {{ ref('int_subscription_month_runs') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_monthly') }}

),

list_months_of_change as (

    -- An amount is that of the newest version for all its life: only beginning, end and rates change it.
    select
        runs.company_id,
        runs.subscription_id,
        runs.external_org_id,
        runs.product_code,
        runs.currency,
        rates.month,
        case when rates.month = runs.first_month then 0 else runs.mrr_original end as opening_original,
        case when rates.month > runs.last_month then 0 else runs.mrr_original end as closing_original,
        rates.opening_currency_units,
        rates.opening_reporting_units,
        rates.currency_units,
        rates.reporting_units
    from runs
    inner join rates
        on runs.company_id = rates.company_id
        and runs.currency = rates.currency
        and rates.month between runs.first_month and {{ add_months('runs.last_month', 1) }}
        and (rates.is_changed or runs.first_month = rates.month or runs.last_month < rates.month)
    where runs.mrr_original <> 0

),

convert_amounts as (

    select
        *,
        case
            when opening_original = 0 then cast(0 as decimal(18, 2))
            else {{ convert_amount('opening_original', 'opening_currency_units', 'opening_reporting_units') }}
        end as opening_mrr,
        case
            when closing_original = 0 then cast(0 as decimal(18, 2))
            else {{ convert_amount('closing_original', 'currency_units', 'reporting_units') }}
        end as closing_mrr
    from list_months_of_change

),

keep_changes as (

    select
        company_id,
        subscription_id,
        month,
        external_org_id,
        product_code,
        currency,
        opening_original,
        closing_original,
        opening_mrr,
        closing_mrr,
        cast(closing_mrr - opening_mrr as decimal(18, 2)) as mrr_change
    from convert_amounts
    where opening_original <> closing_original
        or opening_mrr <> closing_mrr

)

select * from keep_changes
