with

events as (

    select * from {{ ref('int_session_events') }}

),

days as (

    select company_id, date_day as occurred_on from {{ ref('int_recompute_days__this_run') }}

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
        plan,
        occurred_at,
        received_at,
        occurred_on as date_day,
        is_page_view,
        vendor
    from events
    where {{ among(['company_id', 'occurred_on'], 'days') }}

)

select * from select_events
