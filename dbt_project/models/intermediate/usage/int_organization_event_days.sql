{{ config(materialized='incremental', pre_hook="{{ delete_days(['company_id', 'external_org_id', 'date_day']) }}") }}
{% set keys = ['company_id', 'external_org_id', 'date_day'] -%}
with

events as (

    {{ events_to_count(keys) }}

),

sessions as (

    {{ sessions_to_count(keys, 'cast(started_at as date)') }}

),

count_events as (

    select
        company_id,
        app_id,
        external_org_id,
        date_day,
        count(*) as events,
        sum(case when is_page_view then 1 else 0 end) as page_views,
        0 as sessions,
        0 as measured_sessions,
        0 as measured_seconds,
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at,
        min(case when plan is not null then {{ record({'age': '-' ~ timestamp_to_micros('occurred_at'), 'plan': 'plan'}) }} end) as newest_plan
    from events
    group by company_id, app_id, external_org_id, date_day

),

count_sessions as (

    -- A session that runs past 24 hours counts, but says nothing about how long people stay.
    select
        company_id,
        app_id,
        external_org_id,
        date_day,
        0 as events,
        0 as page_views,
        count(*) as sessions,
        sum(case when is_overlong then 0 else 1 end) as measured_sessions,
        sum(case when is_overlong then 0 else duration_seconds end) as measured_seconds,
        cast(null as timestamp) as first_event_at,
        cast(null as timestamp) as last_event_at,
        null as newest_plan
    from sessions
    group by company_id, app_id, external_org_id, date_day

),

stack_counts as (

    select * from count_events

    union all

    select * from count_sessions

),

stack_scopes as (

    select company_id, app_id as scope_id, external_org_id, date_day, events, page_views, sessions,
        measured_sessions, measured_seconds, first_event_at, last_event_at, newest_plan
    from stack_counts

    union all

    select company_id, 'all' as scope_id, external_org_id, date_day, events, page_views, sessions,
        measured_sessions, measured_seconds, first_event_at, last_event_at, newest_plan
    from stack_counts

),

sum_by_day as (

    select
        company_id,
        scope_id as app_id,
        external_org_id,
        date_day,
        cast(sum(events) as bigint) as events,
        cast(sum(page_views) as bigint) as page_views,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(measured_sessions) as bigint) as measured_sessions,
        cast(sum(measured_seconds) as bigint) as measured_seconds,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at,
        min(newest_plan) as newest_plan
    from stack_scopes
    group by company_id, scope_id, external_org_id, date_day

)

select * from sum_by_day
