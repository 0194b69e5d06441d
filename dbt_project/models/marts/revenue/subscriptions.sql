with

subscriptions as (

    select * from {{ ref('int_subscriptions_current') }}

)

select
    -- ids
    company_id,
    subscription_id,
    external_org_id,

    -- strings
    display_name,
    product_code,
    currency,
    reporting_currency,
    status,
    source_system,
    source_subscription_id,

    -- numerics
    mrr_original,
    mrr,

    -- booleans
    is_active,
    is_void,

    -- dates and timestamps
    start_at,
    end_at,
    first_imported_at,
    last_changed_at,
    {{ as_of_date() }} as as_of_date
from {{ described('subscriptions', 'display_name', 'reporting_currency') }}
