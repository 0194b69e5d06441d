with

subscriptions as (

    select * from {{ ref('stg_subscriptions') }}

),

statuses as (

    select * from {{ ref('int_subscription_status_intervals') }}
    where {{ as_of_date() }} between valid_from and valid_to

),

active_intervals as (

    select * from {{ ref('int_subscription_active_intervals') }}
    where {{ as_of_date() }} between active_from and active_to

),

rates as (

    select * from {{ ref('int_exchange_rate_periods') }}
    where {{ as_of_date() }} between valid_from and valid_to

),

describe_on_as_of_date as (

    select
        subscriptions.company_id,
        subscriptions.subscription_id,
        subscriptions.external_org_id,
        subscriptions.product_code,
        subscriptions.currency,
        case when subscriptions.is_void then 'void' else statuses.status end as status,
        subscriptions.source_system,
        subscriptions.source_subscription_id,
        subscriptions.mrr_original,
        {{ convert_amount(
            'subscriptions.mrr_original',
            'rates.currency_units',
            'rates.reporting_units'
        ) }} as mrr,
        active_intervals.subscription_id is not null as is_active,
        subscriptions.is_void,
        subscriptions.start_at,
        subscriptions.end_at,
        subscriptions.first_imported_at,
        subscriptions.last_changed_at
    from subscriptions
    inner join statuses
        on subscriptions.company_id = statuses.company_id
        and subscriptions.subscription_id = statuses.subscription_id
    left join rates
        on subscriptions.company_id = rates.company_id
        and subscriptions.currency = rates.currency
    left join active_intervals
        on subscriptions.company_id = active_intervals.company_id
        and subscriptions.subscription_id = active_intervals.subscription_id

)

select * from describe_on_as_of_date
