with

subscriptions as (

    select * from {{ ref('int_subscriptions_current') }}

),

organizations as (

    select * from {{ ref('stg_organizations') }}

),

add_names as (

    select
        subscriptions.*,
        coalesce(organizations.display_name, subscriptions.external_org_id) as display_name
    from subscriptions
    left join organizations
        on subscriptions.company_id = organizations.company_id
        and subscriptions.external_org_id = organizations.external_org_id

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
from add_names
