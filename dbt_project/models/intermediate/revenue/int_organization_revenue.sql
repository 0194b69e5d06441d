with

subscriptions as (

    select * from {{ ref('int_subscriptions_current') }}

),

organization_metrics as (

    select * from {{ ref('organization_metrics_daily') }}

),

organization_health as (

    select * from {{ ref('organization_health_daily') }}

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
        organization_metrics.last_seen_at,
        sum_organizations.mrr > 0 as is_paying
    from sum_organizations
    inner join join_products
        on sum_organizations.company_id = join_products.company_id
        and sum_organizations.external_org_id = join_products.external_org_id
    {%- for daily in ['organization_metrics', 'organization_health'] %}
    left join {{ daily }}
        on sum_organizations.company_id = {{ daily }}.company_id
        and sum_organizations.external_org_id = {{ daily }}.external_org_id
        and {{ daily }}.app_id = 'all'
        and {{ daily }}.date_day = {{ as_of_date() }}
    {%- endfor %}

)

select * from gather_measures
