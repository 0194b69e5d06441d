with

event_days as (

    select * from {{ ref('int_organization_event_days') }}
    where app_id = 'all'

),

summarize_events as (

    select
        company_id,
        external_org_id,
        cast(sum(events) as bigint) as events,
        min(first_event_at) as first_seen_at,
        max(last_event_at) as last_seen_at,
        (min(newest_plan)).plan as plan
    from event_days
    group by company_id, external_org_id

)

select * from summarize_events
