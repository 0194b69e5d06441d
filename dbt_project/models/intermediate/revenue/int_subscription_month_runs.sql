with

active_intervals as (

    select * from {{ ref('int_subscription_active_intervals') }}

),

find_months as (

    select
        *,
        {{ start_of('month', 'active_from') }} as first_month,
        {{ last_month_counted('active_to') }} as last_month
    from active_intervals

),

find_previous as (

    select
        *,
        lag(last_month) over (partition by company_id, subscription_id order by active_from)
            as previous_last_month
    from find_months
    where first_month <= last_month

),

number_runs as (

    -- A pause within a month may leave no month out: then the run goes on.
    select
        *,
        sum(case when first_month <= {{ add_months('previous_last_month', 1) }} then 0 else 1 end) over (
            partition by company_id, subscription_id
            order by active_from
            rows between unbounded preceding and current row
        ) as run_number
    from find_previous

),

join_runs as (

    select
        company_id,
        subscription_id,
        external_org_id,
        product_code,
        currency,
        mrr_original,
        min(first_month) as first_month,
        max(last_month) as last_month
    from number_runs
    group by company_id, subscription_id, external_org_id, product_code, currency, mrr_original, run_number

)

select * from join_runs
