with

subscriptions as (

    select * from {{ ref('stg_subscriptions') }}

),

status_intervals as (

    select * from {{ ref('int_subscription_status_intervals') }}

),

apply_versions as (

    select
        subscriptions.company_id,
        subscriptions.subscription_id,
        subscriptions.external_org_id,
        subscriptions.product_code,
        subscriptions.currency,
        subscriptions.mrr_original,
        {{ counting_days('subscriptions', 'status_intervals') }}
    from subscriptions
    inner join status_intervals
        on subscriptions.company_id = status_intervals.company_id
        and subscriptions.subscription_id = status_intervals.subscription_id

),

keep_days as (

    select *
    from apply_versions
    where active_from <= active_to

)

select * from keep_days
