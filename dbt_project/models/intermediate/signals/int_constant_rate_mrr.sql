with

active_intervals as (

    select * from {{ ref('int_subscription_active_intervals') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions_current') }}

),

list_changes as (

    select
        active_intervals.company_id,
        active_intervals.external_org_id,
        active_intervals.active_from as date_day,
        subscriptions.mrr as mrr_change
    from active_intervals
    inner join subscriptions
        on active_intervals.company_id = subscriptions.company_id
        and active_intervals.subscription_id = subscriptions.subscription_id

    union all

    select
        active_intervals.company_id,
        active_intervals.external_org_id,
        {{ add_days('active_intervals.active_to', 1) }} as date_day,
        -subscriptions.mrr as mrr_change
    from active_intervals
    inner join subscriptions
        on active_intervals.company_id = subscriptions.company_id
        and active_intervals.subscription_id = subscriptions.subscription_id
    where active_intervals.active_to < {{ as_of_date() }}

),

sum_changes as (

    select
        company_id,
        external_org_id,
        date_day,
        sum(mrr_change) as mrr_change
    from list_changes
    group by company_id, external_org_id, date_day
    having sum(mrr_change) <> 0

),

form_periods as (

    select
        company_id,
        external_org_id,
        date_day as valid_from,
        lead(date_day) over (partition by company_id, external_org_id order by date_day) as next_from,
        cast(
            sum(mrr_change) over (
                partition by company_id, external_org_id
                order by date_day
                rows between unbounded preceding and current row
            ) as decimal(18, 2)
        ) as mrr
    from sum_changes

),

close_periods as (

    select
        *,
        coalesce({{ add_days('next_from', -1) }}, {{ as_of_date() }}) as valid_to,
        lag(mrr) over (partition by company_id, external_org_id order by valid_from) as previous_mrr
    from form_periods

),

find_turns as (

    -- Only what may still be within reach of a day of the period.
    select
        periods.company_id,
        periods.external_org_id,
        periods.valid_from,
        periods.valid_to,
        periods.mrr,
        periods.previous_mrr,
        min(case when later.mrr < periods.mrr then later.valid_from end) as next_lower_on,
        min(case when later.mrr > periods.mrr then later.valid_from end) as next_higher_on
    from close_periods as periods
    left join close_periods as later
        on periods.company_id = later.company_id
        and periods.external_org_id = later.external_org_id
        and periods.valid_to < later.valid_from
        and {{ add_days('periods.valid_to', var('backtest_days')) }} >= later.valid_from
    group by
        periods.company_id,
        periods.external_org_id,
        periods.valid_from,
        periods.valid_to,
        periods.mrr,
        periods.previous_mrr

)

select * from find_turns
