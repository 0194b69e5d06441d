{% set keys = ['company_id', 'app_id', 'date_day'] -%}
{{ config(materialized='incremental', unique_key=keys, meta={'stale': 'int_stale_event_days'}) }}
with

events as (

    {{ events_to_count(keys) }}

),

measure_delays as (

    -- A clock that runs ahead gives a negative delay, which is no delay.
    select
        company_id,
        app_id,
        session_id,
        date_day,
        {{ seconds_between('occurred_at', 'received_at') }} as delay_seconds
    from events

),

count_by_delay as (

    select
        company_id,
        app_id,
        date_day,
        count(*) as events,
        count(case when delay_seconds <= 3600 then 1 end) as events_within_hour,
        count(case when delay_seconds > 3600 and delay_seconds <= 86400 then 1 end)
            as events_within_day,
        count(case when delay_seconds > 86400 and delay_seconds <= 604800 then 1 end)
            as events_within_week,
        count(case when delay_seconds > 604800 then 1 end) as events_later,
        count(case when delay_seconds > 86400 then 1 end) as late_events,
        count(distinct case when delay_seconds > 86400 then session_id end) as sessions_changed,
        max(delay_seconds) as max_delay_seconds
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
