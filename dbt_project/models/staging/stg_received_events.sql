with

events as (

    select * from {{ source('raw', 'events') }}

),

find_earliest_receipts as (

    select company_id, app_id, event_id, content_hash, min(received_at) as received_at
    from {{ source('raw', 'event_receipts') }}
    group by company_id, app_id, event_id, content_hash

)

select
    events.company_id,
    events.app_id,
    events.event_id,
    events.content_hash,
    events.event,
    events.user_hash,
    events.customer_org_id as external_org_id,
    events.path,
    events.session_id as client_session_id,
    events.ts_epoch,
    events.environment,
    events.plan,
    events.properties,
    least(events.received_at, coalesce(receipts.received_at, events.received_at)) as received_at,
    events.loaded_at,
    events._dlt_load_id as load_id
from events
left join find_earliest_receipts as receipts
    on events.company_id = receipts.company_id and events.app_id = receipts.app_id
    and events.event_id = receipts.event_id and events.content_hash = receipts.content_hash
