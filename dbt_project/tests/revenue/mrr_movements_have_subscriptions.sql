{{ config(meta={'dagster': {'ref': {'name': 'mrr_movement_details'}}}) }}
-- The changes of an organization's subscriptions are its movements: they sum to the same amount, every movement has a
-- subscription behind it, an expansion one that began, a contraction one that ended.
with

sum_movements as (

    select
        company_id,
        external_org_id,
        month,
        sum(amount) as amount,
        count(case when movement = 'expansion' then 1 end) as expansions,
        count(case when movement = 'contraction' then 1 end) as contractions
    from {{ ref('mrr_movements') }}
    group by company_id, external_org_id, month

),

sum_subscriptions as (

    select
        company_id,
        external_org_id,
        month,
        sum(mrr_change) as mrr_change,
        count(case when closing_original > opening_original then 1 end) as began,
        count(case when closing_original < opening_original then 1 end) as ended
    from {{ ref('mrr_movement_details') }}
    group by company_id, external_org_id, month

)

select
    coalesce(sum_movements.company_id, sum_subscriptions.company_id) as company_id,
    coalesce(sum_movements.external_org_id, sum_subscriptions.external_org_id) as external_org_id,
    coalesce(sum_movements.month, sum_subscriptions.month) as month,
    sum_movements.amount,
    sum_subscriptions.mrr_change,
    sum_movements.expansions,
    sum_subscriptions.began,
    sum_movements.contractions,
    sum_subscriptions.ended
from sum_movements
full outer join sum_subscriptions
    on sum_movements.company_id = sum_subscriptions.company_id
    and sum_movements.external_org_id = sum_subscriptions.external_org_id
    and sum_movements.month = sum_subscriptions.month
where coalesce(sum_movements.amount, 0) <> coalesce(sum_subscriptions.mrr_change, 0)
    or (sum_movements.company_id is not null and sum_subscriptions.company_id is null)
    or (sum_movements.expansions > 0 and sum_subscriptions.began = 0)
    or (sum_movements.contractions > 0 and sum_subscriptions.ended = 0)
