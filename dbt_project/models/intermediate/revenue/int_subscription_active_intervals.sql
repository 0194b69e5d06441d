with

subscriptions as (

    select * from {{ ref('stg_subscriptions') }}

),

status_intervals as (

    select * from {{ ref('int_subscription_status_intervals') }}

),

apply_statuses as (

    select
        subscriptions.company_id,
        subscriptions.subscription_id,
        subscriptions.external_org_id,
        subscriptions.product_code,
        subscriptions.currency,
        subscriptions.mrr_original,
        greatest(subscriptions.start_at, status_intervals.valid_from) as active_from,
        least(
            coalesce(subscriptions.end_at, {{ far_future() }}),
            status_intervals.valid_to,
            {{ as_of_date() }}
        ) as active_to
    from subscriptions
    inner join status_intervals
        on subscriptions.company_id = status_intervals.company_id
        and subscriptions.subscription_id = status_intervals.subscription_id
    where status_intervals.status = 'active'
        -- A cancellation with an end leaves it to the dates, also to a future one.
        or (status_intervals.status = 'canceled' and subscriptions.end_at is not null)

),

keep_days as (

    select *
    from apply_statuses
    where active_from <= active_to

)

select * from keep_days
