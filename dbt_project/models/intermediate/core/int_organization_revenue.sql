with

subscriptions as (

    select * from {{ ref('int_subscriptions_current') }}

),

organization_health as (

    select * from {{ ref('int_health_scores') }}
    where app_id = 'all' and date_day = {{ as_of_date() }}

),

list_products as (

    -- Distinct: a product counts once, however many subscriptions an organization has to it.
    select distinct company_id, external_org_id, product_code
    from subscriptions
    where is_active

),

join_products as (

    select
        company_id,
        external_org_id,
        count(*) as products,
        {{ sorted_list('product_code') }} as product_codes
    from list_products
    group by company_id, external_org_id

),

sum_organizations as (

    select
        company_id,
        external_org_id,
        {{ sum_money('mrr') }} as mrr,
        count(*) as active_subscriptions
    from subscriptions
    where is_active
    group by company_id, external_org_id

),

gather_measures as (

    select
        sum_organizations.company_id,
        sum_organizations.external_org_id,
        coalesce(organization_health.health_band, 'no_recent_activity') as health_band,
        join_products.product_codes,
        sum_organizations.mrr,
        sum_organizations.active_subscriptions,
        join_products.products,
        organization_health.health_score,
        sum_organizations.mrr > 0 as is_paying
    from sum_organizations
    inner join join_products
        on sum_organizations.company_id = join_products.company_id
        and sum_organizations.external_org_id = join_products.external_org_id
    left join organization_health
        on sum_organizations.company_id = organization_health.company_id
        and sum_organizations.external_org_id = organization_health.external_org_id

)

select * from gather_measures
