with

subscription_changes as (

    select * from {{ ref('mrr_movement_details') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_monthly') }}

),

sum_currencies as (

    select
        company_id,
        external_org_id,
        currency,
        month,
        sum(closing_original - opening_original) as original_change
    from subscription_changes
    where opening_original <> closing_original
    group by company_id, external_org_id, currency, month
    having sum(closing_original - opening_original) <> 0

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
