-- One row per group and span of time in which its own type and parent are the same; its spans cover all time.
{% set group = {'group_id': 'group_id'} -%}
with

versions as (

    select
        *,
        {{ trait_id('value') }} as id
    from {{ ref('int_trait_versions') }}
    where concat(entity, ' ', trait) in ('group group_type', 'group parent_group_id', 'user account_id', 'user primary_account_id')

),

list_named as (

    select company_id, group_id, group_type, defines_groups as is_defined from {{ ref('int_call_contexts') }}
    where group_id is not null

    union all

    select company_id, property_id as group_id, null as group_type, false as is_defined from {{ ref('int_call_contexts') }}
    where property_id is not null

    union all

    select company_id, id as group_id, null as group_type, false as is_defined from versions
    where trait in ('parent_group_id', 'account_id', 'primary_account_id') and id is not null

),

summarize_groups as (

    select
        company_id,
        group_id,
        min(group_type) as named_type,
        max(case when is_defined then 1 else 0 end) = 1 as is_defined
    from list_named
    group by company_id, group_id

),

list_moments as (

    select company_id, group_id, {{ beginning() }} as valid_from from summarize_groups

    union

    select company_id, entity_id as group_id, holds_from as valid_from from versions
    where trait in ('group_type', 'parent_group_id')

),

span_moments as (

    select
        *,
        lead(valid_from, 1, {{ end_of_time() }}) over (partition by company_id, group_id order by valid_from) as valid_to
    from list_moments

),

{% for name, trait in {'parents': 'parent_group_id', 'kinds': 'group_type'}.items() -%}
{{ name }} as (

    select company_id, entity_id as group_id, holds_from as valid_from, id, value from versions
    where trait = '{{ trait }}'

),

{{ find_spans(name, group, 'span_moments', 'valid_from') }},

{% endfor -%}
add_traits as (

    select
        spans.*,
        groups.named_type,
        groups.is_defined,
        parents.id as parent_group_id,
        coalesce(listed.group_type, {{ name_key('kinds.value') }}) as trait_type
    from span_moments as spans
    inner join summarize_groups as groups
        on spans.company_id = groups.company_id and spans.group_id = groups.group_id
    {{ join_spans('parents', group, 'spans', 'valid_from') }}
    {{ join_spans('kinds', group, 'spans', 'valid_from') }}
    left join {{ ref('stg_group_types') }} as listed
        on spans.company_id = listed.company_id and {{ name_key('kinds.value') }} = listed.name_key

),

decide_types as (

    -- What nobody gives a type and that is below nothing is an account.
    select
        *,
        coalesce(trait_type, named_type, case when parent_group_id is null then 'account' end) as group_type
    from add_traits

)

select
    states.company_id,
    states.group_id,
    states.valid_from,
    states.valid_to,
    states.is_defined,
    states.parent_group_id,
    states.group_type,
    coalesce(types.level, 0) as level
from decide_types as states
left join {{ ref('stg_group_types') }} as types on states.company_id = types.company_id and states.group_type = types.name_key
