with

paying_organizations as (

    select * from {{ ref('int_organization_revenue') }}
    where is_paying

),

rank_by_mrr as (

    select
        *,
        cast(row_number() over (partition by company_id order by mrr desc, external_org_id) as bigint) as revenue_rank,
        count(*) over (partition by company_id) as paying_orgs,
        cast(sum(mrr) over (partition by company_id) as decimal(18, 2)) as company_mrr,
        cast(
            sum(mrr) over (
                partition by company_id
                order by mrr desc, external_org_id
                rows between unbounded preceding and current row
            ) as decimal(18, 2)
        ) as cumulative_mrr
    from paying_organizations

),

find_medians as (

    -- The middle one, or the mean of the middle two. Half up to the cent divides the same
    -- organizations as the exact mean does, because amounts are whole cents.
    select
        company_id,
        {{ money_per('sum(mrr)', 'count(*)') }} as min_high_mrr
    from rank_by_mrr
    where 2 * revenue_rank between paying_orgs and paying_orgs + 2
    group by company_id

),

judge_organizations as (

    select
        rank_by_mrr.*,
        find_medians.min_high_mrr,
        coalesce(rank_by_mrr.health_score >= {{ var('good_health_min_score') }}, false) as is_good_health,
        rank_by_mrr.mrr >= find_medians.min_high_mrr as is_high_mrr
    from rank_by_mrr
    inner join find_medians on rank_by_mrr.company_id = find_medians.company_id

),

name_segments as (

    select
        company_id,
        external_org_id,
        product_codes,
        mrr,
        active_subscriptions,
        products,
        health_score,
        revenue_rank,
        paying_orgs,
        company_mrr,
        cumulative_mrr,
        min_high_mrr,
        case
            when is_good_health and is_high_mrr then 'champions'
            when is_good_health then 'expansion'
            when is_high_mrr then 'revenue_at_risk'
            else 'low_value'
        end as segment
    from judge_organizations

)

select * from name_segments
