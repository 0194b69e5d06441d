{{ config(tags=['calls']) }}
-- Which planned traits are missing, or have another type, of users and groups with an event in the last 30 days.
with

known as (

    {{ known_traits() }}

),

places as (

    select * from {{ ref('int_group_places') }}

),

companies as (

    -- distinct: those that send calls
    select distinct company_id from {{ ref('stg_calls') }}

),

list_active_groups as (

    select company_id, group_id from {{ ref('int_group_totals') }}
    where events_30d > 0

    union

    -- Calls that name no groups leave the accounts alone.
    select days.company_id, days.external_org_id as group_id
    from {{ ref('int_organization_event_days') }} as days
    inner join companies on days.company_id = companies.company_id
    where days.app_id = 'all' and days.events > 0 and {{ within_windows('days.date_day') }}

),

list_entities as (

    select company_id, 'user' as subject, 'user' as entity, user_hash as entity_id from {{ ref('int_users') }}
    where events_30d > 0

    union all

    select
        groups.company_id,
        case when places.group_id is null then 'account' else coalesce(places.group_type, 'group') end as subject,
        'group' as entity,
        groups.group_id as entity_id
    from list_active_groups as groups
    left join places on groups.company_id = places.company_id and groups.group_id = places.group_id

),

count_entities as (

    select company_id, subject, count(*) as entities from list_entities
    group by company_id, subject

),

rank_traits as (

    -- Groups of other types have the traits planned for `*`, and their type's own rows before these.
    select
        subjects.*,
        plan.trait,
        plan.type,
        plan.requirement,
        row_number() over (
            partition by subjects.company_id, subjects.subject, plan.trait
            order by case when plan.entity = '*' then 1 else 0 end
        ) as preference
    from count_entities as subjects
    inner join ({{ planned_traits() }}) as plan
        on subjects.company_id = plan.company_id
        and (subjects.subject = plan.entity or (plan.entity = '*' and subjects.subject not in ('user', 'account')))

),

judge_traits as (

    select
        entities.company_id,
        entities.subject,
        entities.entity_id,
        planned.trait,
        planned.requirement,
        planned.entities,
        case
            when known.trait is null then 'trait_missing'
            when not {{ has_type('known.json', 'planned.type') }} then 'trait_wrong_type'
        end as issue
    from list_entities as entities
    inner join rank_traits as planned
        on entities.company_id = planned.company_id and entities.subject = planned.subject
        and planned.preference = 1 and planned.requirement in ('required', 'recommended')
    left join known
        on entities.company_id = known.company_id and entities.entity = known.entity
        and entities.entity_id = known.entity_id and planned.trait = known.trait
    -- An account's id is there always.
    where known.trait is not null or entities.subject <> 'account' or planned.trait <> 'account_id'

)

select
    company_id,
    subject,
    trait,
    issue,
    requirement,
    count(*) as occurrences,
    max(entities) as checked_30d,
    min(entity_id) as example_id
from judge_traits
where issue is not null
group by company_id, subject, trait, issue, requirement
