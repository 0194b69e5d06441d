{{ config(meta={'dagster': {'ref': {'name': 'mrr_movements'}}}) }}
-- Opening MRR + all movements = closing MRR, for every organization and month.
with

organization_months as (

    -- What a month opens with is looked up here: the model derives it from the change.
    select
        company_id,
        external_org_id,
        month,
        mrr,
        coalesce(lag(mrr) over (partition by company_id, external_org_id order by month), 0) as opening_mrr
    from {{ ref('int_organization_months') }}

),

movements as (

    select * from {{ ref('mrr_movements') }}

),

sum_movements as (

    select company_id, external_org_id, month, sum(amount) as amount
    from movements
    group by company_id, external_org_id, month

)

select
    coalesce(organization_months.company_id, sum_movements.company_id) as company_id,
    coalesce(organization_months.external_org_id, sum_movements.external_org_id) as external_org_id,
    coalesce(organization_months.month, sum_movements.month) as month,
    organization_months.opening_mrr,
    sum_movements.amount,
    organization_months.mrr
from organization_months
full outer join sum_movements
    on organization_months.company_id = sum_movements.company_id
    and organization_months.external_org_id = sum_movements.external_org_id
    and organization_months.month = sum_movements.month
where not coalesce(
    organization_months.opening_mrr + coalesce(sum_movements.amount, 0) = organization_months.mrr,
    false

)
