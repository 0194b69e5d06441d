with

mrr_intervals as (

    select * from {{ ref('int_subscription_mrr_intervals') }}

),

find_first_days as (

    -- No amount is negative: an organization has MRR as soon as one of its rows has.
    select
        company_id,
        external_org_id,
        min(valid_from) as first_mrr_day
    from mrr_intervals
    where mrr > 0
    group by company_id, external_org_id

)

select * from find_first_days
