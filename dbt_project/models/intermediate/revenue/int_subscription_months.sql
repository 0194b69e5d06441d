with

months as (

    select * from {{ ref('int_revenue_months') }}

),

active_intervals as (

    select * from {{ ref('int_subscription_active_intervals') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_monthly') }}

),

list_active_months as (

    select
        months.month,
        active_intervals.company_id,
        active_intervals.subscription_id,
        active_intervals.external_org_id,
        active_intervals.currency,
        active_intervals.mrr_original
    from months
    inner join active_intervals
        on months.company_id = active_intervals.company_id
        and months.value_day between active_intervals.active_from and active_intervals.active_to

),

convert_amounts as (

    select
        list_active_months.company_id,
        list_active_months.subscription_id,
        list_active_months.month,
        list_active_months.external_org_id,
        list_active_months.currency,
        list_active_months.mrr_original,
        {{ convert_amount(
            'list_active_months.mrr_original', 'rates.currency_units', 'rates.reporting_units'
        ) }} as mrr
    from list_active_months
    inner join rates
        on list_active_months.company_id = rates.company_id
        and list_active_months.month = rates.month
        and list_active_months.currency = rates.currency

)

select * from convert_amounts
