{{ config(tags=['calls'], meta={'dagster': {'ref': {'name': 'trait_history'}}}) }}
-- Traits of which two values hold at one time, or that are not what `users`, `groups` and `accounts` say holds now.
with

versions as (

    select
        *,
        lead(valid_from) over (partition by company_id, entity, entity_id, trait order by valid_from) as next_from
    from {{ ref('trait_history') }}

),

count_current as (

    select company_id, entity, entity_id, count(*) as traits from versions
    where is_current
    group by company_id, entity, entity_id

),

list_entities as (

    {% for entity, mart, id in [
        ('user', 'users', 'user_hash'), ('group', 'groups', 'group_id'), ('group', 'accounts', 'external_org_id')
    ] -%}
    select company_id, '{{ mart }}' as mart, '{{ entity }}' as entity, {{ id }} as entity_id, traits from {{ ref(mart) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

list_traits as (

    select company_id, mart, entity, entity_id, {{ rows_of_object('traits') }} as member from list_entities
    where traits is not null

),

find_others as (

    select listed.company_id, listed.mart, listed.entity_id, (listed.member).key as trait
    from list_traits as listed
    left join versions
        on listed.company_id = versions.company_id and listed.entity = versions.entity
        and listed.entity_id = versions.entity_id and (listed.member).key = versions.trait and versions.is_current
    where {{ text_of_member('(listed.member).value') }} is distinct from versions.value

),

count_listed as (

    select company_id, mart, entity_id, count(*) as traits from list_traits
    group by company_id, mart, entity_id

)

select company_id, entity as mart, entity_id, trait, 'overlap' as rule from versions
where next_from < valid_to or (is_current and next_from is not null)

union all

select company_id, mart, entity_id, trait, 'not what holds now' as rule from find_others

union all

select entities.company_id, entities.mart, entities.entity_id, '' as trait, 'other traits' as rule
from list_entities as entities
left join count_current
    on entities.company_id = count_current.company_id and entities.entity = count_current.entity
    and entities.entity_id = count_current.entity_id
left join count_listed
    on entities.company_id = count_listed.company_id and entities.mart = count_listed.mart
    and entities.entity_id = count_listed.entity_id
where coalesce(count_current.traits, 0) <> coalesce(count_listed.traits, 0)
