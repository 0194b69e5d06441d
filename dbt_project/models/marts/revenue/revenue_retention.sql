with

movements_monthly as (

    select * from {{ ref('mrr_movements_monthly') }}

),

organization_months as (

    select * from {{ ref('int_organization_months') }}

),

openings as (

    select * from {{ ref('int_constant_openings') }}

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
        {{ sum_money('least(then_paying.mrr, this_month.mrr)') }} as mrr_kept,
        count(*) as orgs_then,
        count(case when this_month.mrr = 0 then 1 end) as orgs_lost
    from organization_months as then_paying
    inner join organization_months as this_month
        on then_paying.company_id = this_month.company_id
        and then_paying.external_org_id = this_month.external_org_id
        and {{ add_months('then_paying.month', 12) }} = this_month.month
    where then_paying.mrr > 0
    group by then_paying.company_id, this_month.month

),

sum_years as (

    select
        company_id,
        month,
        sum(new + reactivation + expansion) over twelve_months as won,
        -sum(contraction + churn) over twelve_months as lost,
        count(*) over twelve_months as months_known
    from movements_monthly
    window twelve_months as (partition by company_id order by month rows between 11 preceding and current row)

),

gather_months as (

    select
        months.*,
        coalesce(openings.opening_constant, cast(0 as decimal(18, 2))) as opening_constant,
        coalesce(openings.churn_constant, cast(0 as decimal(18, 2))) as churn_constant,
        count_openings.opening_paying_orgs,
        follow_for_a_year.mrr_then,
        follow_for_a_year.mrr_now,
        follow_for_a_year.mrr_kept,
        follow_for_a_year.orgs_then,
        follow_for_a_year.orgs_lost,
        case when sum_years.months_known = 12 then sum_years.won end as won_in_year,
        sum_years.lost as lost_in_year
    from movements_monthly as months
    {%- for part in ['openings', 'count_openings', 'follow_for_a_year', 'sum_years'] %}
    left join {{ part }}
        on months.company_id = {{ part }}.company_id
        and months.month = {{ part }}.month
    {%- endfor %}

)

select
    company_id,
    month,
    reporting_currency,
    opening_constant,
    churn_constant,
    expansion,
    contraction,
    {{ ratio('opening_constant + expansion + contraction - churn_constant', 'opening_constant') }} as nrr,
    {{ ratio('opening_constant + contraction - churn_constant', 'opening_constant') }} as grr,
    {{ ratio('churn_orgs', 'opening_paying_orgs') }} as logo_churn_rate,
    {{ ratio('new + reactivation + expansion', '-(contraction + churn)') }} as quick_ratio,
    {{ ratio('mrr_now', 'mrr_then') }} as nrr_12m,
    {{ ratio('mrr_kept', 'mrr_then') }} as grr_12m,
    {{ ratio('orgs_lost', 'orgs_then') }} as logo_churn_rate_12m,
    {{ ratio('won_in_year', 'lost_in_year') }} as quick_ratio_12m
from gather_months
