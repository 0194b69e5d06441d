with

paying_organizations as (

    select * from {{ ref('int_organization_revenue') }}
    where is_paying

),

rank_by_mrr as (

    select
        *,
        row_number() over (partition by company_id order by mrr desc, external_org_id) as revenue_rank,
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

)

select * from rank_by_mrr
