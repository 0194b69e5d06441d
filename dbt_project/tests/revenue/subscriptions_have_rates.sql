{{ config(meta={'dagster': {'ref': {'name': 'subscriptions'}}}) }}
-- A subscription whose currency, or whose company's currency, has no rate would be left out of every sum.
with

subscriptions as (

    select * from {{ ref('stg_subscriptions') }}

),

rate_periods as (

    select * from {{ ref('int_exchange_rate_periods') }}

)

select
    subscriptions.company_id,
    subscriptions.subscription_id,
    subscriptions.currency
from subscriptions
left join rate_periods
    on subscriptions.company_id = rate_periods.company_id
    and subscriptions.currency = rate_periods.currency
where rate_periods.currency is null
