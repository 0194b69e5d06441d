with

episodes as (

    select * from {{ ref('signal_episodes') }}

),

signal_days as (

    select * from {{ ref('int_signal_days') }}

),

organization_metrics as (

    select * from {{ ref('int_organization_metrics_daily') }}

),

describe_active_episodes as (

    select
        episodes.company_id,
        episodes.app_id,
        episodes.external_org_id,
        episodes.signal_type,
        signal_days.priority,
        signal_days.severity,
        episodes.opened_on,
        episodes.days_held as days_open,
        signal_days.mrr,
        signal_days.health_score,
        organization_metrics.last_seen_at,
        signal_days.is_condition_met,
        signal_days.usage_ratio,
        signal_days.explanation
    from episodes
    inner join signal_days
        on episodes.company_id = signal_days.company_id
        and episodes.app_id = signal_days.app_id
        and episodes.external_org_id = signal_days.external_org_id
        and episodes.signal_type = signal_days.signal_type
        and signal_days.date_day = {{ as_of_date() }}
    left join organization_metrics
        on episodes.company_id = organization_metrics.company_id
        and episodes.app_id = organization_metrics.app_id
        and episodes.external_org_id = organization_metrics.external_org_id
        and organization_metrics.date_day = {{ as_of_date() }}
    where episodes.status = 'active'

)

select
    company_id,
    reporting_currency,
    app_id,
    external_org_id,
    display_name,
    signal_type,
    signal_type_label,
    signal_type_order,
    priority,
    severity,
    opened_on,
    days_open,
    mrr,
    health_score,
    last_seen_at,
    is_condition_met,
    usage_ratio,
    explanation,
    {{ as_of_date() }} as as_of_date
from {{ described('describe_active_episodes', 'display_name', 'signal_type', 'reporting_currency') }}
