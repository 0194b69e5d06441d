{#- Each level has blocks of twice as many calls of an actor as the one before; so many calls of one actor are told apart. -#}
{% set levels = 30 -%}
{% set actor = 'company_id, app_id, actor_hash' -%}
-- Groups that have an account at some times only: the newest and the next setting that have one at the time of a call.
-- A call is not compared with all stretches of its actor: a stretch holds a few blocks of numbered calls, as in a segment
-- tree, and a call lies in one block of each level.
with

stretches as (

    select * from {{ ref('int_setting_stretches') }}

),

calls as (

    select company_id, app_id, call_id, actor_hash, occurred_at from {{ ref('int_usage_calls') }}
    where needs_settings and {{ among(['company_id', 'app_id', 'actor_hash'], 'stretches') }}

),

number_calls as (

    -- From 0, in the order of time; a border has the number of the first call that is not before it.
    select
        *,
        sum(is_call) over (
            partition by {{ actor }} order by occurred_at, is_call rows between unbounded preceding and current row
        ) - is_call as number
    from (
        select {{ actor }}, occurred_at, call_id, 1 as is_call from calls

        union all

        select {{ actor }}, occurred_at, null as call_id, 0 as is_call
        from (
            select {{ actor }}, starts_at as occurred_at from stretches
            union
            select {{ actor }}, ends_at as occurred_at from stretches
        ) as borders
    ) as calls_and_borders

),

list_levels as (

    {% for level in range(levels) -%}
    select {{ level }} as level, cast({{ 2 ** level }} as double) as width
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

list_ranges as (

    -- The blocks of each level that lie in a stretch as a whole.
    select
        stretches.*,
        list_levels.level,
        cast(ceil(starts.number / list_levels.width) as bigint) as first_block,
        cast(floor(ends.number / list_levels.width) as bigint) as end_block
    from stretches
    {%- for border in ['starts', 'ends'] %}
    inner join number_calls as {{ border }}
        on {{ border }}.is_call = 0 and stretches.{{ border }}_at = {{ border }}.occurred_at
        and stretches.company_id = {{ border }}.company_id and stretches.app_id = {{ border }}.app_id
        and stretches.actor_hash = {{ border }}.actor_hash
    {%- endfor %}
    inner join list_levels on list_levels.width <= ends.number - starts.number

),

join_blocks as (

    -- Of these, blocks that no block of the next level holds: at most one at each end.
    select {{ actor }}, level, block, max(last_place) as last_place, min(next_place) as next_place
    from (
        select *, first_block as block from list_ranges
        where first_block < end_block and first_block % 2 = 1

        union all

        select *, end_block - 1 as block from list_ranges
        where first_block < end_block and end_block % 2 = 1
    ) as blocks
    group by {{ actor }}, level, block

)

select
    calls.company_id,
    calls.app_id,
    calls.call_id,
    max(blocks.last_place) as last_place,
    min(blocks.next_place) as next_place
from number_calls as calls
cross join list_levels
inner join join_blocks as blocks
    on calls.company_id = blocks.company_id and calls.app_id = blocks.app_id and calls.actor_hash = blocks.actor_hash
    and list_levels.level = blocks.level and cast(floor(calls.number / list_levels.width) as bigint) = blocks.block
where calls.is_call = 1
group by calls.company_id, calls.app_id, calls.call_id
