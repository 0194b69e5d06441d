{{ config(materialized='view') }}
with

metrics as (

    select * from {{ ref('organization_metrics_daily') }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}

),

take_measures as (

    -- `<component>_score_without_ratio`: a ratio to nothing has no place on the line; it is all or nothing instead.
    select
        metrics.company_id,
        metrics.app_id,
        metrics.external_org_id,
        metrics.date_day,
        metrics.events_30d,
        cast(metrics.days_since_last_seen as double) as recency_measure,
        cast(null as double) as recency_score_without_ratio,
        cast(metrics.active_days_30d as double) as frequency_measure,
        cast(null as double) as frequency_score_without_ratio,
        {{ ratio('metrics.events_30d', 'metrics.events_previous_30d') }} as trend_measure,
        case
            when metrics.events_previous_30d > 0 then null
            when metrics.events_30d > 0 then 100
            else 0
        end as trend_score_without_ratio,
        {{ ratio('metrics.features_used_30d', 'scopes.features_defined') }} as breadth_measure,
        cast(null as double) as breadth_score_without_ratio,
        {{ ratio('metrics.active_users_30d', 'metrics.active_users_previous_30d') }} as users_measure,
        case
            when not scopes.counts_users or metrics.active_users_previous_30d > 0 then null
            when metrics.active_users_30d > 0 then 100
            else 0
        end as users_score_without_ratio
    from metrics
    inner join scopes
        on metrics.company_id = scopes.company_id
        and metrics.app_id = scopes.app_id
    where metrics.last_seen_at is not null

)

select * from take_measures
