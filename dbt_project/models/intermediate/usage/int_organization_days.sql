{{ config(materialized='ephemeral') }}
with

ranges as (

    select * from {{ ref('int_window_ranges') }}

),

starts as (

    select * from {{ ref('int_organization_starts') }}

),

event_days as (

    select * from {{ ref('int_organization_event_days') }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}

),

cut_ranges as (

    select
        starts.company_id,
        starts.app_id,
        starts.external_org_id,
        greatest(starts.first_event_day, ranges.from_day) as from_day,
        ranges.until_day
    from starts
    inner join ranges
        on starts.company_id = ranges.company_id
        and starts.external_org_id = ranges.external_org_id
    where starts.first_event_day <= ranges.until_day

),

find_earlier_use as (

    select
        cut_ranges.company_id,
        cut_ranges.app_id,
        cut_ranges.external_org_id,
        cut_ranges.from_day,
        cut_ranges.until_day,
        max(event_days.last_event_at) as seen_before_at
    from cut_ranges
    left join event_days
        on cut_ranges.company_id = event_days.company_id
        and cut_ranges.app_id = event_days.app_id
        and cut_ranges.external_org_id = event_days.external_org_id
        and cut_ranges.from_day > event_days.date_day
    group by
        cut_ranges.company_id,
        cut_ranges.app_id,
        cut_ranges.external_org_id,
        cut_ranges.from_day,
        cut_ranges.until_day

),

list_days as (

    select
        company_id,
        app_id,
        external_org_id,
        seen_before_at,
        {{ day_rows('from_day', 'until_day') }} as date_day
    from find_earlier_use

),

fill_days as (

    select
        days.company_id,
        days.app_id,
        days.external_org_id,
        days.date_day,
        scopes.counts_users,
        coalesce(event_days.events, 0) as events,
        coalesce(event_days.sessions, 0) as sessions,
        coalesce(event_days.page_views, 0) as page_views,
        case when event_days.events > 0 then 1 else 0 end as is_active,
        {{ ratio('event_days.measured_seconds', 'event_days.measured_sessions') }} as avg_session_seconds,
        coalesce(event_days.last_event_at, days.seen_before_at) as last_event_at
    from list_days as days
    inner join scopes
        on days.company_id = scopes.company_id
        and days.app_id = scopes.app_id
    left join event_days
        on days.company_id = event_days.company_id
        and days.app_id = event_days.app_id
        and days.external_org_id = event_days.external_org_id
        and days.date_day = event_days.date_day

)

select * from fill_days
