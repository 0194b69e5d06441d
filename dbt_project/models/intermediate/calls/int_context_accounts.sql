-- One row per context and span of time in which it says the same about accounts; its spans cover all time.
with

contexts as (

    select * from {{ ref('int_call_contexts') }}

),

chains as (

    select * from {{ ref('int_group_chains') }}

),

imported as (

    select * from {{ ref('stg_organizations') }}

),

list_members as (

    select company_id, context_id, group_id, place, group_type as sent_type, level as sent_level from contexts
    where group_id is not null

    union

    -- The property goes before all groups.
    select company_id, context_id, property_id as group_id, 0 as place, null as sent_type, null as sent_level from contexts
    where property_id is not null

),

list_moments as (

    -- distinct: several groups of a context may change in one moment
    select distinct members.company_id, members.context_id, chains.valid_from
    from list_members as members
    inner join chains
        on members.company_id = chains.company_id and members.group_id = chains.group_id

),

span_moments as (

    select
        *,
        lead(valid_from, 1, {{ end_of_time() }}) over (partition by company_id, context_id order by valid_from) as valid_to
    from list_moments

),

list_places as (

    select members.*, spans.valid_from, spans.valid_to
    from span_moments as spans
    inner join list_members as members
        on spans.company_id = members.company_id and spans.context_id = members.context_id

),

{% set group = {'group_id': 'group_id'} -%}
{{ find_spans('chains', group, 'list_places', 'valid_from') }},

judge_members as (

    select
        members.company_id,
        members.context_id,
        members.valid_from,
        members.valid_to,
        members.place,
        members.group_id,
        chains.is_defined,
        chains.account_id,
        chains.top_group_id,
        chains.level,
        chains.links,
        members.sent_type = 'account'
        or (members.sent_type is null and chains.is_defined and chains.group_type = 'account') as is_account,
        chains.is_defined and chains.nearest_account_id is not null as has_account,
        imported.external_org_id is not null as is_imported,
        not chains.is_defined and members.sent_level is null as is_nobody,
        chains.is_defined and (chains.nearest_account_id is not null or members.sent_type = 'account') as names_account
    from list_places as members
    {{ join_spans('chains', group, 'members', 'valid_from') }}
    left join imported
        on members.company_id = imported.company_id and members.group_id = imported.external_org_id

)

select
    company_id,
    context_id,
    valid_from,
    valid_to,
    max(case when place = 0 then account_id end) as property_account_id,
    coalesce(
        {{ first_by("case when place > 0 and is_account then account_id end", 'place') }},
        {{ deepest('account_id', 'place > 0 and has_account') }},
        {{ first_by("case when place > 0 and is_imported then group_id end", 'place') }}
    ) as group_account_id,
    {{ deepest('top_group_id', 'place > 0 and is_defined') }} as top_account_id,
    {{ first_by("case when place > 0 and is_nobody then group_id end", 'place') }} as undefined_account_id,
    max(case when place > 0 then level else 0 end) as level,
    max(case when place > 0 and not is_defined then 1 else 0 end) = 1 as names_undefined,
    min(case when place > 0 and names_account then account_id end) as smallest_named_account_id,
    max(case when place > 0 and names_account then account_id end) as greatest_named_account_id
from judge_members
group by company_id, context_id, valid_from, valid_to
