-- One row per call by which an actor's SDK set its groups to others than before, numbered in the order of time.
{% set actor = 'company_id, app_id, actor_hash' -%}
with

switches as (

    select * from {{ ref('stg_tracking_plan') }}
    where {{ name_key('event') }} = 'account_switched'

),

tracks as (

    select * from {{ ref('stg_calls') }}
    where kind = 'track'

),

contexts as (

    select * from {{ ref('int_context_accounts') }}

),

{{ planned_names('tracks', 'switches') }},

list_settings as (

    select * from {{ ref('stg_calls') }}
    where kind in ('group', 'identify') and (groups is not null or property_groups is not null)

    union all

    -- Few names are of a switch: only their calls are looked at.
    select tracks.* from tracks
    inner join planned_names
        on tracks.company_id = planned_names.company_id and tracks.app_id = planned_names.app_id
        and tracks.event = planned_names.event

),

keep_settings as (

    select
        calls.company_id,
        calls.app_id,
        coalesce(actors.actor_hash, calls.sent_hash) as actor_hash,
        calls.call_id,
        calls.context_id,
        calls.occurred_at,
        calls.received_at,
        calls.kind = 'track' as reads_property
    from list_settings as calls
    left join {{ ref('int_actors') }} as actors
        on calls.company_id = actors.company_id and calls.sent_hash = actors.id_hash
    where calls.context_id is not null and calls.sent_hash is not null

),

find_accounts as (

    select
        company_id,
        context_id,
        count(property_account_id) + count(group_account_id) > 0 as may_have_account,
        count(group_account_id) = count(*) as always_by_group,
        count(coalesce(property_account_id, group_account_id)) = count(*) as always_by_any
    from contexts
    group by company_id, context_id

),

{% set context = {'context_id': 'context_id'} -%}
{{ find_spans('contexts', context, 'keep_settings') }},

order_settings as (

    -- Of one time the one of greater level is newer.
    select
        settings.*,
        contexts.valid_from as context_from,
        coalesce(case when settings.reads_property then contexts.property_account_id end, contexts.group_account_id) as account_id,
        case when settings.reads_property then accounts.always_by_any else accounts.always_by_group end as has_always_account,
        row_number() over (
            partition by settings.company_id, settings.app_id, settings.actor_hash
            order by settings.occurred_at, contexts.level, settings.received_at, settings.call_id
        ) as place
    from keep_settings as settings
    inner join find_accounts as accounts
        on settings.company_id = accounts.company_id and settings.context_id = accounts.context_id
    {{ join_spans('contexts', context, 'settings') }}
    where accounts.may_have_account

),

compare_settings as (

    select
        *,
        lag(context_id) over (partition by {{ actor }} order by place) as earlier_context_id,
        lag(context_from) over (partition by {{ actor }} order by place) as earlier_context_from,
        lag(reads_property) over (partition by {{ actor }} order by place) as reads_earlier_property
    from order_settings

)

select
    {{ actor }},
    cast(place as bigint) as place,
    call_id, context_id, reads_property, has_always_account, account_id, occurred_at
from compare_settings
where
    -- A repeat says something else where its groups have moved since.
    context_id is distinct from earlier_context_id
    or context_from is distinct from earlier_context_from
    or reads_property is distinct from reads_earlier_property
