with

organization_months as (

    select * from {{ ref('int_organization_months') }}

),

group_cohorts as (

    select
        company_id,
        first_paid_month as cohort_month,
        month,
        count(case when mrr > 0 then 1 end) as organizations,
        {{ sum_money('mrr') }} as mrr
    from organization_months
    group by company_id, first_paid_month, month

),

add_first_months as (

    select
        *,
        cast({{ dbt.datediff('cohort_month', 'month', 'month') }} as bigint) as months_since,
        first_value(mrr) over (partition by company_id, cohort_month order by month) as first_mrr,
        first_value(organizations) over (partition by company_id, cohort_month order by month)
            as first_organizations
    from group_cohorts

)

select
    company_id,
    cohort_month,
    months_since,
    month,
    reporting_currency,
    organizations,
    mrr,
    {{ ratio('mrr', 'first_mrr') }} as share_of_first_month,
    {{ ratio('organizations', 'first_organizations') }} as share_of_first_organizations
from {{ described('add_first_months', 'reporting_currency') }}
