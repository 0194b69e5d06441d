with

movements_monthly as (

    select * from {{ ref('mrr_movements_monthly') }}

),

organization_months as (

    select * from {{ ref('int_organization_months') }}

),

count_openings as (

    select
        company_id,
        month,
        count(*) as opening_paying_orgs
    from organization_months
    where opening_mrr > 0
    group by company_id, month

),

follow_for_a_year as (

    select
        then_paying.company_id,
        this_month.month,
        {{ sum_money('then_paying.mrr') }} as mrr_then,
        {{ sum_money('this_month.mrr') }} as mrr_now,
        {{ sum_money('least(then_paying.mrr, this_month.mrr)') }} as mrr_kept
    from organization_months as then_paying
    inner join organization_months as this_month
        on then_paying.company_id = this_month.company_id
        and then_paying.external_org_id = this_month.external_org_id
        and {{ add_months('then_paying.month', 12) }} = this_month.month
    where then_paying.mrr > 0
    group by then_paying.company_id, this_month.month

)

select
    months.company_id,
    months.month,
    {{ ratio(
        'months.opening_mrr + months.expansion + months.contraction + months.churn + months.fx',
        'months.opening_mrr'
    ) }} as nrr,
    {{ ratio('months.opening_mrr + months.contraction + months.churn', 'months.opening_mrr') }} as grr,
    {{ ratio('months.churn_orgs', 'count_openings.opening_paying_orgs') }} as logo_churn_rate,
    {{ ratio(
        'months.new + months.reactivation + months.expansion', '-(months.contraction + months.churn)'
    ) }} as quick_ratio,
    {{ ratio('over_a_year.mrr_now', 'over_a_year.mrr_then') }} as nrr_12m,
    {{ ratio('over_a_year.mrr_kept', 'over_a_year.mrr_then') }} as grr_12m
from movements_monthly as months
left join count_openings
    on months.company_id = count_openings.company_id
    and months.month = count_openings.month
left join follow_for_a_year as over_a_year
    on months.company_id = over_a_year.company_id
    and months.month = over_a_year.month
