{% set entity = ['company_id', 'entity', 'entity_id'] | join(', ') -%}
{% set trait = entity ~ ', trait' -%}
{% set order = ['occurred_at', 'received_at', 'call_id', 'app_id'] -%}
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

skip_repeats as (

    -- What a call says again has no effect: a nightly sync is not taken apart.
    select
        {{ entity }}, {{ order | join(', ') }}, traits
    from (
        select
            *,
            lag(traits) over (partition by {{ entity }} order by {{ order | join(', ') }}) as earlier_traits
        from find_entities
    ) as calls_in_order
    where traits is distinct from earlier_traits

),

{{ trait_operations('skip_repeats', entity, order) }},

{{ trait_states('list_operations', trait, order) }},

keep_changes as (

    -- Nothing is known before the first value: what was unset before it is no change.
    select
        *,
        row_number() over (
            partition by {{ trait }}, occurred_at
            order by {% for column in order[1:] %}{{ column }} desc, {% endfor %}step desc
        ) as place_in_moment
    from (
        select
            *,
            lag(value) over (partition by {{ trait }} order by {{ order | join(', ') }}, step) as earlier_value
        from write_texts
    ) as states_in_order
    where value is distinct from earlier_value

),

keep_versions as (

    -- What a moment leaves as it was is no version.
    select
        *,
        lead(occurred_at) over (partition by {{ trait }} order by occurred_at) as valid_to,
        row_number() over (partition by {{ trait }} order by occurred_at) as place
    from (
        select
            *,
            lag(value) over (partition by {{ trait }} order by occurred_at) as last_value
        from keep_changes
        where place_in_moment = 1
    ) as states_of_moments
    where value is distinct from last_value

)

select
    {{ trait }},
    value,
    cast(state as {{ dbt.type_string() }}) as json,
    call_id,
    app_id,
    occurred_at as valid_from,
    -- Before its first value a trait had that value too.
    case when place = 1 then {{ beginning() }} else occurred_at end as holds_from,
    coalesce(valid_to, {{ end_of_time() }}) as holds_until
from keep_versions
