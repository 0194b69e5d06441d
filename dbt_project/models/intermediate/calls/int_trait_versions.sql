{#- What decides about accounts and their names; of users and of groups. -#}
{% set traits = {'user': ['account_id', 'primary_account_id'], 'group': ['group_type', 'parent_group_id', 'name']} -%}
{% set entity = ['company_id', 'entity', 'entity_id', 'trait'] | join(', ') -%}
-- Event time decides, never arrival: one row per value that a trait had, null from where it was unset.
with

calls as (

    select * from {{ ref('stg_calls') }}
    where traits is not null

),

actors as (

    select * from {{ ref('int_actors') }}

),

contexts as (

    select * from {{ ref('int_call_contexts') }}
    where defines_groups and group_id is not null

),

find_entities as (

    select calls.*, 'user' as entity, coalesce(actors.actor_hash, calls.sent_hash) as entity_id
    from calls
    left join actors
        on calls.company_id = actors.company_id
        and calls.sent_hash = actors.id_hash
    where calls.kind <> 'group' and calls.sent_hash is not null

    union all

    select calls.*, 'group' as entity, contexts.group_id as entity_id
    from calls
    inner join contexts
        on calls.company_id = contexts.company_id
        and calls.context_id = contexts.context_id
    where calls.kind = 'group'

),

{{ trait_operations('find_entities', traits) }},

count_decisions as (

    select
        *,
        sum(case when is_decisive then 1 else 0 end) over (
            partition by {{ entity }}
            order by occurred_at, received_at, call_id, app_id
            rows between unbounded preceding and current row
        ) as decisions
    from judge_operations

),

find_states as (

    -- Set once is the first value since the last decision, if that left none.
    select
        {{ entity }},
        occurred_at,
        call_id,
        {{ first_known('value') }} over (
            partition by {{ entity }}, decisions
            order by occurred_at, received_at, call_id, app_id
            rows between unbounded preceding and current row
        ) as value,
        row_number() over (
            partition by {{ entity }}, occurred_at
            order by received_at desc, call_id desc, app_id desc
        ) as place_in_moment
    from count_decisions

),

compare_states as (

    select
        *,
        lag(value) over (partition by {{ entity }} order by occurred_at) as earlier_value
    from find_states
    where place_in_moment = 1

),

keep_changes as (

    -- Nothing is known before the first value: what was unset before it is no version.
    select
        {{ entity }},
        value,
        call_id,
        occurred_at as valid_from,
        lead(occurred_at) over (partition by {{ entity }} order by occurred_at) as valid_to,
        row_number() over (partition by {{ entity }} order by occurred_at) as place
    from compare_states
    where value is distinct from earlier_value

)

select
    {{ entity }},
    value,
    call_id,
    valid_from,
    -- Before its first value a trait had that value too.
    case when place = 1 then {{ beginning() }} else valid_from end as holds_from,
    coalesce(valid_to, {{ end_of_time() }}) as holds_until
from keep_changes
