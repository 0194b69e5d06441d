with

subscription_months as (

    select * from {{ ref('int_subscription_months') }}

),

months as (

    select * from {{ ref('int_revenue_months') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_monthly') }}

),

list_closings_and_openings as (

    select company_id, external_org_id, currency, month, mrr_original as original_change
    from subscription_months

    union all

    -- What a month closes with is what the next one opens with.
    select
        company_id,
        external_org_id,
        currency,
        cast({{ dbt.dateadd('month', 1, 'month') }} as date) as month,
        -mrr_original as original_change
    from subscription_months

),

sum_currencies as (

    select
        changes.company_id,
        changes.external_org_id,
        changes.currency,
        changes.month,
        sum(changes.original_change) as original_change
    from list_closings_and_openings as changes
    inner join months
        on changes.company_id = months.company_id
        and changes.month = months.month
    group by changes.company_id, changes.external_org_id, changes.currency, changes.month
    having sum(changes.original_change) <> 0

),

convert_changes as (

    -- Each currency's change is rounded by itself, at the rates of the month it happened in.
    select
        sum_currencies.company_id,
        sum_currencies.external_org_id,
        sum_currencies.month,
        {{ sum_money(convert_amount(
            'sum_currencies.original_change', 'rates.currency_units', 'rates.reporting_units'
        )) }} as mrr_change
    from sum_currencies
    inner join rates
        on sum_currencies.company_id = rates.company_id
        and sum_currencies.month = rates.month
        and sum_currencies.currency = rates.currency
    group by sum_currencies.company_id, sum_currencies.external_org_id, sum_currencies.month

)

select * from convert_changes
