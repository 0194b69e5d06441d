{{ config(materialized='view') }}
with

events as (

    select * from {{ ref('int_session_events') }}

),

publish_events as (

    select
        company_id,
        app_id,
        event_id,
        external_org_id,
        event,
        user_hash,
        path,
        session_id,
        client_session_id,
        occurred_at,
        received_at,
        occurred_on,
        environment,
        plan,
        coalesce(group_id, external_org_id) as group_id,
        coalesce(account_source, 'event') as account_source,
        sent_event,
        vendor
    from events

)

select * from {{ described('publish_events', 'display_name') }}
