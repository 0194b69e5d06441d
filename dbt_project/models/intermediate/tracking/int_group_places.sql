{{ config(tags=['calls']) }}
-- What groups are on D, and who names them.
with

hierarchy as (

    select * from {{ ref('int_group_hierarchy') }}
    where valid_to is null

),

states as (

    select * from {{ ref('int_group_states') }}
    where valid_to = {{ end_of_time() }}

),

chains as (

    select * from {{ ref('int_group_chains') }}
    where valid_to = {{ end_of_time() }}

),

contexts as (

    select * from {{ ref('int_call_contexts') }}
    where group_id is not null

),

summarize_contexts as (

    select
        company_id, context_id, count(*) as named_calls, max(occurred_at) as last_named_at, null as first_defined_at
    from {{ ref('int_usage_calls') }}
    group by company_id, context_id

    union all

    select company_id, context_id, 0 as named_calls, null as last_named_at, min(occurred_at) as first_defined_at
    from {{ ref('stg_calls') }}
    where kind = 'group'
    group by company_id, context_id

),

list_members as (

    -- A context may name a group twice, by several types.
    select company_id, context_id, group_id, min(group_type) as first_type, max(group_type) as last_type from contexts
    group by company_id, context_id, group_id

),

count_names as (

    select
        members.company_id,
        members.group_id,
        cast(coalesce(sum(calls.named_calls), 0) as bigint) as named_calls,
        max(calls.last_named_at) as last_named_at,
        min(calls.first_defined_at) as first_defined_at,
        min(members.first_type) <> max(members.last_type) as has_several_types
    from list_members as members
    left join summarize_contexts as calls
        on members.company_id = calls.company_id and members.context_id = calls.context_id
    group by members.company_id, members.group_id

),

list_groups as (

    select company_id, group_id, max(case when is_top then ancestor_group_id end) as top_group_id, max(links) as links
    from hierarchy
    group by company_id, group_id

),

count_children as (

    select company_id, ancestor_group_id as group_id, count(case when links = 1 then 1 end) as children from hierarchy
    group by company_id, ancestor_group_id

)

select
    groups.company_id,
    groups.group_id,
    -- An organization of flat events that no call names is an account.
    case when states.group_id is null then 'account' else states.group_type end as group_type,
    case when states.group_id is null then 1 else nullif(states.level, 0) end as level,
    coalesce(states.is_defined, false) as is_defined,
    states.parent_group_id,
    case when states.group_id is null then groups.group_id else chains.nearest_account_id end as nearest_account_id,
    groups.top_group_id,
    groups.links,
    count_children.children,
    coalesce(count_names.named_calls, 0) as named_calls,
    count_names.last_named_at,
    count_names.first_defined_at,
    coalesce(chains.is_circle, false) as is_circle,
    coalesce(chains.is_too_deep, false) as is_too_deep,
    coalesce(count_names.has_several_types, false) as has_several_types,
    states.parent_group_id is not null and not coalesce(parents.is_defined, false) as misses_parent,
    coalesce(chains.nearest_account_id <> groups.group_id, false) and imported.external_org_id is not null
        as is_imported_below_account
from list_groups as groups
{%- for name in ['states', 'chains', 'count_children', 'count_names'] %}
left join {{ name }} on groups.company_id = {{ name }}.company_id and groups.group_id = {{ name }}.group_id
{%- endfor %}
left join states as parents
    on states.company_id = parents.company_id and states.parent_group_id = parents.group_id
left join {{ ref('stg_organizations') }} as imported
    on groups.company_id = imported.company_id and groups.group_id = imported.external_org_id
