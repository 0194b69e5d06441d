with

ranked_organizations as (

    select * from {{ ref('int_paying_organizations') }}

),

organizations as (

    select * from {{ ref('organizations') }}

)

select
    ranked_organizations.company_id,
    ranked_organizations.external_org_id,
    ranked_organizations.revenue_rank as rank,
    organizations.display_name,
    ranked_organizations.mrr,
    organizations.reporting_currency,
    {{ ratio('ranked_organizations.mrr', 'ranked_organizations.company_mrr') }} as share_of_mrr,
    {{ ratio('ranked_organizations.cumulative_mrr', 'ranked_organizations.company_mrr') }}
        as cumulative_share,
    ranked_organizations.active_subscriptions,
    ranked_organizations.products,
    ranked_organizations.product_codes,
    organizations.health_score,
    organizations.health_band,
    organizations.health_band_label,
    organizations.health_band_order,
    organizations.last_seen_at,
    organizations.signal_types,
    {{ as_of_date() }} as as_of_date
from ranked_organizations
inner join organizations
    on ranked_organizations.company_id = organizations.company_id
    and ranked_organizations.external_org_id = organizations.external_org_id
