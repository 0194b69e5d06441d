with

companies as (

    select * from {{ ref('stg_companies') }}

),

paying_organizations as (

    select * from {{ ref('int_organization_revenue') }}
    where is_paying

),

rank_by_mrr as (

    select
        company_id,
        mrr,
        row_number() over (partition by company_id order by mrr, external_org_id) as position,
        count(*) over (partition by company_id) as organizations
    from paying_organizations

),

find_medians as (

    -- The middle one, or the mean of the middle two. Half up to the cent divides the same
    -- organizations as the exact mean does, because amounts are whole cents.
    select
        company_id,
        {{ money_per('sum(mrr)', 'count(*)') }} as min_high_mrr
    from rank_by_mrr
    where 2 * position between organizations and organizations + 2
    group by company_id

),

add_health_threshold as (

    select
        companies.company_id,
        cast({{ var('good_health_min_score') }} as double) as min_good_health_score,
        find_medians.min_high_mrr
    from companies
    left join find_medians on companies.company_id = find_medians.company_id

)

select * from add_health_threshold
