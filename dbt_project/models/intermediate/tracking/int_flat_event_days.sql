{{ config(
    materialized='incremental',
    unique_key=['company_id', 'app_id', 'event', 'date_day'],
    pre_hook="{{ delete_days(['company_id', 'app_id', 'date_day']) }}",
) }}
{% set keys = ['company_id', 'app_id', 'date_day'] -%}
with

events as (

    {{ events_to_count(keys) }}

)

select
    company_id,
    app_id,
    event,
    date_day,
    {{ count_and_ends('event_id') }}
from events
where vendor is null
group by company_id, app_id, event, date_day
