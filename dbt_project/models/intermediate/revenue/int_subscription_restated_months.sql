with

states as (

    select * from {{ ref('int_subscription_import_states') }}

),

status_intervals as (

    select * from {{ ref('int_subscription_status_intervals') }}

),

months as (

    select * from {{ ref('int_revenue_months') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_monthly') }}

),

apply_versions as (

    -- Which version was in force on a day in the past is not changed by a later one (only the dates are), so one
    -- history of intervals serves every state.
    select
        states.*,
        {{ counting_days('states', 'status_intervals') }}
    from states
    inner join status_intervals
        on states.company_id = status_intervals.company_id
        and states.subscription_id = status_intervals.subscription_id

),

find_months as (

    select
        *,
        {{ start_of('month', 'active_from') }} as first_month,
        {{ last_month_counted('active_to') }} as last_month
    from apply_versions
    where active_from <= active_to

),

convert_amounts as (

    select
        states.company_id,
        states.subscription_id,
        states.applied_at,
        states.is_after,
        months.month,
        {{ convert_amount('states.mrr_original', 'rates.currency_units', 'rates.reporting_units') }} as mrr
    from find_months as states
    inner join months
        on states.company_id = months.company_id
        and months.month between states.first_month and states.last_month
        and months.value_day < cast(states.applied_at as date)
        and not months.is_partial
    inner join rates
        on states.company_id = rates.company_id
        and states.currency = rates.currency
        and months.month = rates.month

),

compare_states as (

    -- The greatest, not the sum: one state may count in a month by several periods.
    select
        company_id,
        subscription_id,
        applied_at,
        month,
        coalesce(max(case when not is_after then mrr end), cast(0 as decimal(18, 2))) as mrr_before,
        coalesce(max(case when is_after then mrr end), cast(0 as decimal(18, 2))) as mrr_after
    from convert_amounts
    group by company_id, subscription_id, applied_at, month

)

select * from compare_states
where mrr_before <> mrr_after
