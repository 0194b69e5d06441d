with

paying_organizations as (

    select * from {{ ref('int_organization_revenue') }}
    where is_paying

),

thresholds as (

    select * from {{ ref('int_revenue_thresholds') }}

),

place_organizations as (

    select
        paying_organizations.company_id,
        paying_organizations.external_org_id,
        paying_organizations.mrr,
        paying_organizations.health_score,
        coalesce(paying_organizations.health_score >= thresholds.min_good_health_score, false)
            as is_good_health,
        paying_organizations.mrr >= thresholds.min_high_mrr as is_high_mrr
    from paying_organizations
    inner join thresholds on paying_organizations.company_id = thresholds.company_id

),

name_segments as (

    select
        company_id,
        external_org_id,
        mrr,
        health_score,
        case
            when is_good_health and is_high_mrr then 'champions'
            when is_good_health then 'expansion'
            when is_high_mrr then 'revenue_at_risk'
            else 'low_value'
        end as segment
    from place_organizations

)

select * from name_segments
