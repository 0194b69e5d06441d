{{ config(materialized='incremental', pre_hook="{{ delete_days(['company_id', 'app_id', 'date_day']) }}") }}
{% set keys = ['company_id', 'app_id', 'date_day'] -%}
{% set second = 1000000 -%}
{% set hour, day, week = 3600 * second, 86400 * second, 604800 * second -%}
{% set late = var('late_hours') * hour -%}
with

events as (

    {{ events_to_count(keys) }}

),

measure_delays as (

    -- In microseconds: a fraction of a second over a limit is over it.
    -- A clock that runs ahead gives a negative delay, which is no delay.
    select
        company_id,
        app_id,
        session_id,
        date_day,
        {{ timestamp_to_micros('received_at') }} - {{ timestamp_to_micros('occurred_at') }} as delay
    from events

),

count_by_delay as (

    select
        company_id,
        app_id,
        date_day,
        count(*) as events,
        count(case when delay <= {{ hour }} then 1 end) as events_within_hour,
        count(case when delay > {{ hour }} and delay <= {{ day }} then 1 end)
            as events_within_day,
        count(case when delay > {{ day }} and delay <= {{ week }} then 1 end)
            as events_within_week,
        count(case when delay > {{ week }} then 1 end) as events_later,
        count(case when delay > {{ late }} then 1 end) as late_events,
        count(distinct case when delay > {{ late }} then session_id end) as sessions_changed,
        cast(floor(max(delay) / {{ second }}.0) as bigint) as max_delay_seconds
    from measure_delays
    group by company_id, app_id, date_day

)

select
    company_id,
    app_id,
    date_day,
    events,
    events_within_hour,
    events_within_day,
    events_within_week,
    events_later,
    late_events,
    {{ ratio('late_events', 'events') }} as late_share,
    sessions_changed,
    max_delay_seconds
from count_by_delay
