{{ config(materialized='view') }}
with

signal_days as (

    select * from {{ ref('int_signal_days') }}

)

select
    company_id,
    reporting_currency,
    app_id,
    external_org_id,
    display_name,
    signal_type,
    date_day,
    is_condition_met,
    usage_ratio,
    severity,
    priority,
    mrr,
    health_score,
    events_30d,
    events_previous_30d,
    days_since_last_seen
from {{ described('signal_days', 'display_name', 'reporting_currency') }}
