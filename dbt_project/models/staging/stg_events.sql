with

contents as (

    select * from {{ ref('stg_received_events') }}

),

pick_losers as (

    select * from {{ ref('stg_event_id_conflicts') }}
    where content_rank > 1

),

environments as (

    select * from {{ ref('environments') }}

)

select
    {% for column in ['company_id', 'app_id', 'event_id', 'event', 'user_hash', 'external_org_id', 'path',
                      'client_session_id', 'ts_epoch', 'environment', 'plan', 'properties', 'received_at',
                      'loaded_at', 'load_id'] -%}
    contents.{{ column }},
    {% endfor -%}
    coalesce(environments.is_production, true) as is_production,
    coalesce({{ epoch_to_timestamp('contents.ts_epoch') }}, contents.received_at) as occurred_at
from contents
left join pick_losers
    on contents.company_id = pick_losers.company_id
    and contents.app_id = pick_losers.app_id
    and contents.event_id = pick_losers.event_id
    and contents.content_hash = pick_losers.content_hash
left join environments
    on contents.environment = environments.environment
where pick_losers.event_id is null
