{{ config(tags=['calls'], meta={'dagster': {'ref': {'name': 'trait_history'}}}) }}
-- Traits of which two values hold at one time, or that are not what `users` and `groups` say holds now.
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

list_traits as (

    select company_id, 'user' as entity, user_hash as entity_id, {{ rows_of_object('traits') }} as member from {{ ref('users') }}
    where traits is not null

    union all

    select company_id, 'group' as entity, group_id as entity_id, {{ rows_of_object('traits') }} as member from {{ ref('groups') }}
    where traits is not null

),

find_others as (

    select listed.company_id, listed.entity, listed.entity_id, (listed.member).key as trait
    from list_traits as listed
    left join versions
        on listed.company_id = versions.company_id and listed.entity = versions.entity
        and listed.entity_id = versions.entity_id and (listed.member).key = versions.trait and versions.is_current
    where {{ text_of_member('(listed.member).value') }} is distinct from versions.value

),

count_listed as (

    select company_id, entity, entity_id, count(*) as traits from list_traits
    group by company_id, entity, entity_id

)

select company_id, entity, entity_id, trait, 'overlap' as rule from versions
where next_from < valid_to or (is_current and next_from is not null)

union all

select company_id, entity, entity_id, trait, 'not what holds now' as rule from find_others

union all

select listed.company_id, listed.entity, listed.entity_id, '' as trait, 'other traits' as rule
from count_listed as listed
inner join count_current as current_ones
    on listed.company_id = current_ones.company_id and listed.entity = current_ones.entity
    and listed.entity_id = current_ones.entity_id
where listed.traits <> current_ones.traits
