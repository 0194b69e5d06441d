{{ config(meta={'dagster': {'ref': {'name': 'mrr_restatements'}}}) }}
-- What the last import made of a closed month is what the trend says of it today: 0 before its first month.
with

restatements as (

    select
        *,
        row_number() over (partition by company_id, month order by applied_at desc) as age
    from {{ ref('mrr_restatements') }}

),

mrr_trend as (

    select * from {{ ref('mrr_trend') }}

)

select
    restatements.company_id,
    restatements.month,
    restatements.mrr_after,
    mrr_trend.mrr
from restatements
left join mrr_trend
    on restatements.company_id = mrr_trend.company_id
    and restatements.month = mrr_trend.month
where restatements.age = 1
    and restatements.mrr_after <> coalesce(mrr_trend.mrr, 0)
