-- One row per context and group that it names, in the order in which one is preferred: untyped, by type, as sent.
with

types as (

    select * from {{ ref('stg_group_types') }}

),

say_contexts as (

    -- Many calls say the same: ids are derived for what is said.
    select
        company_id,
        account_id as property_id,
        groups,
        property_groups,
        max(case when kind = 'group' then 1 else 0 end) = 1 as defines_groups
    from {{ ref('stg_calls') }}
    group by company_id, account_id, groups, property_groups

),

list_contexts as (

    select
        *,
        {{ context_id('property_id', 'groups', 'property_groups') }} as context_id
    from say_contexts
    where property_id is not null or groups is not null or property_groups is not null

),

list_types as (

    select company_id, context_id, {{ rows_of_lists('groups') }} as entry, 0 as origin from list_contexts
    where groups is not null

    union all

    select company_id, context_id, {{ rows_of_lists('property_groups') }} as entry, 1 as origin from list_contexts
    where property_groups is not null

),

list_ids as (

    select company_id, context_id, (entry).key as sent_type, origin, {{ placed_rows('(entry).value') }} as id from list_types

),

name_types as (

    select
        ids.company_id,
        ids.context_id,
        (ids.id).value as group_id,
        ids.sent_type,
        case when ids.sent_type <> '' then coalesce(types.group_type, {{ name_key('ids.sent_type') }}) end as group_type,
        types.level,
        row_number() over (
            partition by ids.company_id, ids.context_id
            order by ids.sent_type, ids.origin, (ids.id).place
        ) as place
    from list_ids as ids
    left join types
        on ids.company_id = types.company_id
        and {{ name_key('ids.sent_type') }} = types.name_key
    where (ids.id).value is not null

)

select
    contexts.company_id,
    contexts.context_id,
    contexts.property_id,
    contexts.defines_groups,
    names.group_id,
    names.group_type,
    names.level,
    cast(names.place as bigint) as place
from list_contexts as contexts
left join name_types as names
    on contexts.company_id = names.company_id
    and contexts.context_id = names.context_id
