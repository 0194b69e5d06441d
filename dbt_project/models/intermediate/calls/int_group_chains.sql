{#- So many links of a chain count, and circles of so many groups are found; what is longer is too deep. -#}
{% set most_links = 10 -%}
-- One row per group and span of time in which its chain is the same; its spans cover all time.
with

states as (

    select * from {{ ref('int_group_states') }}

),

{{ climb('circle', 'states', most_links - 1, {
    'parent_group_id': ('states.parent_group_id', 'reached.parent_group_id'),
    'is_circle': (
        'coalesce(states.parent_group_id = states.group_id, false)',
        'reached.is_circle or coalesce(states.parent_group_id = reached.group_id, false)',
    ),
    'group_type': ('states.group_type', 'reached.group_type'),
    'level': ('states.level', 'reached.level'),
    'is_defined': ('states.is_defined', 'reached.is_defined'),
}) }}

cut_circles as (

    -- A link on a circle does not count while the circle lasts.
    select
        company_id,
        group_id,
        valid_from,
        valid_to,
        is_circle,
        case when not is_circle then parent_group_id end as parent_group_id,
        group_type,
        level,
        is_defined
    from circle_{{ most_links - 1 }}

),

{{ climb('chain', 'cut_circles', most_links, {
    'parent_group_id': ('states.parent_group_id', 'reached.parent_group_id'),
    'links': ('0', 'reached.links + case when states.group_id is null then 0 else 1 end'),
    'top_group_id': ('states.group_id', 'coalesce(states.group_id, reached.top_group_id)'),
    'nearest_account_id': (
        "case when states.group_type = 'account' then states.group_id end",
        "coalesce(reached.nearest_account_id, case when states.group_type = 'account' then states.group_id end)",
    ),
    'group_type': ('states.group_type', 'reached.group_type'),
    'level': ('states.level', 'reached.level'),
    'is_defined': ('states.is_defined', 'reached.is_defined'),
    'is_circle': ('states.is_circle', 'reached.is_circle'),
}) }}

cut_deep as (

    -- Who has more links above than count is a top.
    select
        company_id,
        group_id,
        valid_from,
        valid_to,
        is_defined,
        is_circle,
        next_id is not null as is_too_deep,
        group_type,
        level,
        case when next_id is null then parent_group_id end as parent_group_id,
        case when next_id is null then links else 0 end as links,
        case when next_id is null then top_group_id else group_id end as top_group_id,
        case
            when next_id is null then nearest_account_id
            when group_type = 'account' then group_id
        end as nearest_account_id
    from chain_{{ most_links }}

)

select
    *,
    coalesce(nearest_account_id, top_group_id) as account_id
from cut_deep
