{% set setting = 'company_id, app_id, actor_hash, context_id, reads_property' -%}
{% set order = 'partition by ' ~ setting ~ ' order by occurred_at, is_setting, place' -%}
-- Groups that an actor set and that have an account at some times only: when they have one, and when they were set.
with

settings as (

    select * from {{ ref('int_group_settings') }}
    where not has_always_account

),

list_changes as (

    select {{ setting }}, occurred_at, place, null as has_account, 1 as is_setting from settings

    union all

    select
        settings.company_id, settings.app_id, settings.actor_hash, settings.context_id, settings.reads_property,
        contexts.valid_from as occurred_at, null as place,
        case
            when contexts.group_account_id is not null then 1
            when settings.reads_property and contexts.property_account_id is not null then 1
            else 0
        end as has_account,
        0 as is_setting
    from (
        -- distinct: groups are set again and again
        select distinct {{ setting }} from settings
    ) as settings
    inner join {{ ref('int_context_accounts') }} as contexts
        on settings.company_id = contexts.company_id and settings.context_id = contexts.context_id

),

find_stretches as (

    -- Between two changes: whether these groups have an account, and when they were set before and after.
    select
        company_id,
        app_id,
        actor_hash,
        occurred_at as starts_at,
        lead(occurred_at, 1, {{ end_of_time() }}) over ({{ order }}) as ends_at,
        {{ last_known('has_account') }} over ({{ order }} rows between unbounded preceding and current row) as has_account,
        max(place) over ({{ order }} rows between unbounded preceding and current row) as last_place,
        min(place) over ({{ order }} rows between 1 following and unbounded following) as next_place
    from list_changes

)

select
    company_id,
    app_id,
    actor_hash,
    starts_at,
    ends_at,
    last_place,
    next_place
from find_stretches
where has_account = 1 and starts_at < ends_at
