with

conflicts as (

    select * from {{ ref('stg_event_id_conflicts') }}

),

keep_losers as (

    select
        *,
        coalesce({{ epoch_to_timestamp('ts_epoch') }}, received_at) as occurred_at
    from conflicts
    where content_rank > 1

)

select
    company_id,
    app_id,
    event_id,
    content_hash as content,
    external_org_id,
    display_name,
    event,
    user_hash,
    path,
    client_session_id,
    environment,
    plan,
    properties,
    occurred_at,
    received_at
from {{ described('keep_losers', 'display_name') }}
