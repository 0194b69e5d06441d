-- One row per track, page or screen call, with its actor and what it says of accounts itself.
with

calls as (

    select * from {{ ref('stg_calls') }}
    where kind in ({{ usage_kinds() }})

),

actors as (

    select * from {{ ref('int_actors') }}

),

plan as (

    select * from {{ ref('stg_tracking_plan') }}

),

instance_applications as (

    select * from {{ ref('stg_applications') }}
    where identity_mode = 'instance'

),

contexts as (

    select * from {{ ref('int_context_accounts') }}

),

chains as (

    select * from {{ ref('int_group_chains') }}

),

{{ planned_names('calls', 'plan') }},

{% set context, instance = {'context_id': 'context_id'}, {'group_id': 'user_id'} -%}
{{ find_spans('contexts', context, 'calls') }},

instance_calls as (

    select calls.* from calls
    inner join instance_applications as applications
        on calls.company_id = applications.company_id and calls.app_id = applications.app_id

),

{{ find_spans('chains', instance, 'instance_calls') }},

find_accounts as (

    select
        calls.*,
        coalesce(actors.actor_hash, calls.sent_hash) as actor_hash,
        names.planned_event,
        names.group_level,
        contexts.valid_from as context_from,
        contexts.property_account_id,
        contexts.group_account_id,
        case when applications.app_id is not null then coalesce(chains.account_id, calls.user_id) end as instance_account_id,
        contexts.top_account_id,
        contexts.undefined_account_id
    from calls
    left join actors
        on calls.company_id = actors.company_id and calls.sent_hash = actors.id_hash
    left join planned_names as names
        on calls.company_id = names.company_id and calls.app_id = names.app_id and calls.event = names.event
    {{ join_spans('contexts', context, 'calls') }}
    left join instance_applications as applications
        on calls.company_id = applications.company_id and calls.app_id = applications.app_id
    {{ join_spans('chains', instance, 'calls') }}

)

select
    company_id,
    app_id,
    call_id,
    vendor,
    actor_hash,
    is_automatic,
    case
        when kind = 'track' then coalesce(planned_event, event)
        else concat(kind, '_view')
    end as event,
    case when kind = 'track' then event end as sent_event,
    group_level,
    path,
    client_session_id,
    environment,
    occurred_at,
    received_at,
    not is_automatic or planned_event is not null as is_event,
    context_id,
    context_from,
    property_account_id,
    group_account_id,
    instance_account_id,
    top_account_id,
    undefined_account_id,
    coalesce(property_account_id, group_account_id, instance_account_id) is null as needs_settings
from find_accounts
