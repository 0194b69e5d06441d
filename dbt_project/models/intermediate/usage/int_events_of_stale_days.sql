with

events as (

    select * from {{ ref('int_session_events') }}

),

stale_days as (

    select company_id, date_day as occurred_on from {{ ref('int_stale_event_days') }}

),

select_events as (

    select
        company_id,
        app_id,
        event_id,
        external_org_id,
        event,
        user_hash,
        path,
        session_id,
        occurred_at,
        received_at,
        occurred_on as date_day,
        is_page_view
    from events
    where {{ among(['company_id', 'occurred_on'], 'stale_days') }}

)

select * from select_events
