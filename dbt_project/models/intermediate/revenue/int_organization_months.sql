with

months as (

    select * from {{ ref('int_revenue_months') }}

),

subscription_months as (

    select * from {{ ref('int_subscription_months') }}

),

sum_months as (

    select
        company_id,
        external_org_id,
        month,
        {{ sum_money('mrr') }} as mrr
    from subscription_months
    group by company_id, external_org_id, month

),

find_first_paid_months as (

    select
        company_id,
        external_org_id,
        min(month) as first_paid_month
    from sum_months
    where mrr > 0
    group by company_id, external_org_id

),

fill_months as (

    -- Every month from the first paid one: a month at 0 is a churn, not a missing row.
    select
        months.company_id,
        first_months.external_org_id,
        months.month,
        first_months.first_paid_month,
        coalesce(sum_months.mrr, cast(0 as decimal(18, 2))) as mrr
    from months
    inner join find_first_paid_months as first_months
        on months.company_id = first_months.company_id
        and months.month >= first_months.first_paid_month
    left join sum_months
        on months.company_id = sum_months.company_id
        and first_months.external_org_id = sum_months.external_org_id
        and months.month = sum_months.month

),

add_openings as (

    select
        *,
        coalesce(
            lag(mrr) over (partition by company_id, external_org_id order by month),
            cast(0 as decimal(18, 2))
        ) as opening_mrr
    from fill_months

)

select * from add_openings
