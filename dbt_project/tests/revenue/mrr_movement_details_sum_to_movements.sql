{{ config(meta={'dagster': {'ref': {'name': 'mrr_movement_details'}}}) }}
-- The changes of an organization's subscriptions are its movements.
with

list_amounts as (

    select company_id, external_org_id, month, amount
    from {{ ref('mrr_movements') }}

    union all

    select company_id, external_org_id, month, -mrr_change as amount
    from {{ ref('mrr_movement_details') }}

)

select company_id, external_org_id, month, sum(amount) as difference
from list_amounts
group by company_id, external_org_id, month
having sum(amount) <> 0
