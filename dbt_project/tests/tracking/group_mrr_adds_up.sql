{{ config(tags=['calls'], meta={'dagster': {'ref': {'name': 'groups'}}}) }}
-- Companies of which the MRR of all tops is not that of all groups; organizations whose own MRR as a group is another.
with

known_groups as (

    select * from {{ ref('groups') }}

),

compare_mrr as (

    select
        company_id,
        sum(mrr_own) as own,
        sum(case when links = 0 then mrr else 0 end) as of_tops
    from known_groups
    group by company_id

)

select company_id, 'mrr' as rule from compare_mrr
where own <> of_tops

union all

select known_groups.company_id, concat('mrr of the organization: ', known_groups.group_id) as rule
from known_groups
inner join {{ ref('organizations') }} as organizations
    on known_groups.company_id = organizations.company_id and known_groups.group_id = organizations.external_org_id
where known_groups.mrr_own <> organizations.mrr
