{{ config(meta={'dagster': {'ref': {'name': 'mrr_movements'}}}) }}
-- Every movement row has a subscription behind it; an expansion one that began, a contraction one that ended.
with

sum_subscriptions as (

    select
        company_id,
        external_org_id,
        month,
        count(case when closing_original > opening_original then 1 end) as began,
        count(case when closing_original < opening_original then 1 end) as ended
    from {{ ref('mrr_movement_details') }}
    group by company_id, external_org_id, month

)

select
    movements.company_id,
    movements.external_org_id,
    movements.month,
    movements.movement,
    movements.amount
from {{ ref('mrr_movements') }} as movements
left join sum_subscriptions
    on movements.company_id = sum_subscriptions.company_id
    and movements.external_org_id = sum_subscriptions.external_org_id
    and movements.month = sum_subscriptions.month
where not coalesce(
    case movements.movement
        when 'expansion' then sum_subscriptions.began > 0
        when 'contraction' then sum_subscriptions.ended > 0
        else sum_subscriptions.began is not null
    end,
    false

)
