with

subscriptions as (

    select * from {{ ref('stg_subscriptions') }}

),

status_intervals as (

    select * from {{ ref('int_subscription_status_intervals') }}

),

active_intervals as (

    select * from {{ ref('int_subscription_active_intervals') }}

),

rate_periods as (

    select * from {{ ref('int_exchange_rate_periods') }}

),

describe_on_as_of_date as (

    select
        subscriptions.company_id,
        subscriptions.subscription_id,
        subscriptions.external_org_id,
        subscriptions.product_code,
        subscriptions.currency,
        status_intervals.status,
        subscriptions.source_system,
        subscriptions.source_subscription_id,
        subscriptions.mrr_original,
        {{ convert_amount(
            'subscriptions.mrr_original',
            'rate_periods.currency_units',
            'rate_periods.reporting_units'
        ) }} as mrr,
        active_intervals.subscription_id is not null as is_active,
        subscriptions.start_at,
        subscriptions.end_at,
        subscriptions.first_imported_at,
        subscriptions.last_changed_at
    from subscriptions
    inner join status_intervals
        on subscriptions.company_id = status_intervals.company_id
        and subscriptions.subscription_id = status_intervals.subscription_id
        and {{ as_of_date() }} between status_intervals.valid_from and status_intervals.valid_to
    left join rate_periods
        on subscriptions.company_id = rate_periods.company_id
        and subscriptions.currency = rate_periods.currency
        and {{ as_of_date() }} between rate_periods.valid_from and rate_periods.valid_to
    left join active_intervals
        on subscriptions.company_id = active_intervals.company_id
        and subscriptions.subscription_id = active_intervals.subscription_id
        and {{ as_of_date() }} between active_intervals.active_from and active_intervals.active_to

)

select * from describe_on_as_of_date
