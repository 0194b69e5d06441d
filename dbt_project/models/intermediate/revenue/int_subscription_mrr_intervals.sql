with

active_intervals as (

    select * from {{ ref('int_subscription_active_intervals') }}

),

rate_periods as (

    select * from {{ ref('int_exchange_rate_periods') }}

),

convert_amounts as (

    -- An amount changes only on a rate's day: intervals, not days, keep the cost linear.
    select
        active_intervals.company_id,
        active_intervals.subscription_id,
        active_intervals.external_org_id,
        greatest(active_intervals.active_from, rate_periods.valid_from) as valid_from,
        least(active_intervals.active_to, rate_periods.valid_to) as valid_to,
        {{ convert_amount(
            'active_intervals.mrr_original',
            'rate_periods.currency_units',
            'rate_periods.reporting_units'
        ) }} as mrr
    from active_intervals
    inner join rate_periods
        on active_intervals.company_id = rate_periods.company_id
        and active_intervals.currency = rate_periods.currency
        and active_intervals.active_from <= rate_periods.valid_to
        and active_intervals.active_to >= rate_periods.valid_from

)

select * from convert_amounts
