{{ config(tags=['calls'], meta={'dagster': {'ref': {'name': 'group_hierarchy'}}}) }}
-- Groups that at some time have not exactly one top, one account and themselves above them, or one ancestor twice.
with

hierarchy as (

    select *, coalesce(valid_to, {{ end_of_time() }}) as ends_at from {{ ref('group_hierarchy') }}

),

list_moments as (

    -- Also when an ancestor goes, and the beginning of every group: at no time it has none.
    select company_id, group_id, valid_from as moment from hierarchy

    union

    select company_id, group_id, valid_to as moment from hierarchy
    where valid_to is not null

    union

    select company_id, group_id, {{ beginning() }} as moment from {{ ref('groups') }}

),

count_places as (

    select
        moments.company_id,
        moments.group_id,
        moments.moment,
        count(case when hierarchy.is_top then 1 end) as tops,
        count(case when hierarchy.is_account then 1 end) as accounts,
        count(case when hierarchy.links = 0 then 1 end) as selves,
        count(hierarchy.ancestor_group_id) as ancestors,
        count(distinct hierarchy.ancestor_group_id) as different_ancestors,
        max(hierarchy.links) as links
    from list_moments as moments
    left join hierarchy
        on moments.company_id = hierarchy.company_id and moments.group_id = hierarchy.group_id
        and moments.moment >= hierarchy.valid_from and moments.moment < hierarchy.ends_at
    group by moments.company_id, moments.group_id, moments.moment

)

select * from count_places
where tops <> 1 or accounts <> 1 or selves <> 1 or ancestors <> different_ancestors or ancestors <> links + 1
