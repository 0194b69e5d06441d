with

companies as (

    select * from {{ ref('stg_companies') }}

),

versions as (

    select * from {{ ref('stg_subscription_versions') }}

),

list_pairs as (

    -- Distinct: a company's subscriptions share a few currencies.
    select distinct
        versions.company_id,
        versions.currency,
        companies.reporting_currency
    from versions
    inner join companies on versions.company_id = companies.company_id

)

select * from list_pairs
