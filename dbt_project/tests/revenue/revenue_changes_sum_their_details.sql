{{ config(meta={'dagster': {'ref': {'name': 'revenue_changes'}}}) }}
-- Every kind of change is the sum of its subscription rows; `net` is what started less what ended.
with

changes as (

    select * from {{ ref('revenue_changes') }}

),

sum_details as (

    select
        company_id,
        change_type,
        sum(mrr) as mrr,
        count(*) as subscriptions
    from {{ ref('revenue_change_details') }}
    group by company_id, change_type

),

add_net as (

    select * from sum_details

    union all

    select
        company_id,
        'net' as change_type,
        sum(case change_type when 'started' then mrr else -mrr end) as mrr,
        sum(case change_type when 'started' then subscriptions else -subscriptions end) as subscriptions
    from sum_details
    where change_type in ('started', 'ended')
    group by company_id

)

select
    changes.company_id,
    changes.change_type,
    changes.mrr,
    add_net.mrr as mrr_of_details,
    changes.subscriptions,
    add_net.subscriptions as subscriptions_of_details
from changes
left join add_net
    on changes.company_id = add_net.company_id
    and changes.change_type = add_net.change_type
where changes.mrr <> coalesce(add_net.mrr, 0)
    or changes.subscriptions <> coalesce(add_net.subscriptions, 0)
