{{ config(meta={'dagster': {'ref': {'name': 'revenue_retention'}}}) }}
-- What the month of D opens with, added up from the subscriptions that counted in the month before.
with

sum_currencies as (

    select
        company_id,
        external_org_id,
        currency,
        sum(mrr_original) as original_amount
    from {{ ref('int_subscription_month_runs') }}
    where {{ add_months(start_of('month', as_of_date()), -1) }} between first_month and last_month
    group by company_id, external_org_id, currency

),

convert_amounts as (

    select
        sum_currencies.company_id,
        {{ sum_money(convert_amount(
            'sum_currencies.original_amount', 'rates.currency_units', 'rates.reporting_units'
        )) }} as opening_constant
    from sum_currencies
    inner join {{ ref('int_exchange_rates_monthly') }} as rates
        on sum_currencies.company_id = rates.company_id
        and sum_currencies.currency = rates.currency
        and rates.month = {{ start_of('month', as_of_date()) }}
    group by sum_currencies.company_id

)

select
    retention.company_id,
    retention.opening_constant,
    convert_amounts.opening_constant as opening_of_subscriptions
from {{ ref('revenue_retention') }} as retention
left join convert_amounts on retention.company_id = convert_amounts.company_id
where retention.month = {{ start_of('month', as_of_date()) }}
    and retention.opening_constant <> coalesce(convert_amounts.opening_constant, 0)
