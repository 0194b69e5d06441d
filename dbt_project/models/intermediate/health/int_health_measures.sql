with

metrics as (

    select * from {{ ref('organization_metrics_daily') }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}

),

look_back as (

    select
        *,
        coalesce(lag(active_users_30d, 30) over (
            partition by company_id, app_id, external_org_id
            order by date_day
        ), 0) as active_users_earlier
    from metrics

),

take_measures as (

    -- `<component>_score_without_ratio`: a ratio to nothing has no place on the line; it is all or nothing instead.
    select
        look_back.company_id,
        look_back.app_id,
        look_back.external_org_id,
        look_back.date_day,
        look_back.events_30d,
        cast(look_back.days_since_last_seen as double) as recency_measure,
        cast(null as double) as recency_score_without_ratio,
        cast(look_back.active_days_30d as double) as frequency_measure,
        cast(null as double) as frequency_score_without_ratio,
        {{ ratio('look_back.events_30d', 'look_back.events_previous_30d') }} as trend_measure,
        case
            when look_back.events_previous_30d > 0 then null
            when look_back.events_30d > 0 then 100
            else 0
        end as trend_score_without_ratio,
        {{ ratio('look_back.features_used_30d', 'scopes.features_defined') }} as breadth_measure,
        cast(null as double) as breadth_score_without_ratio,
        {{ ratio('look_back.active_users_30d', 'look_back.active_users_earlier') }} as users_measure,
        case
            when not scopes.counts_users or look_back.active_users_earlier > 0 then null
            when look_back.active_users_30d > 0 then 100
            else 0
        end as users_score_without_ratio
    from look_back
    inner join scopes
        on look_back.company_id = scopes.company_id
        and look_back.app_id = scopes.app_id
    where look_back.last_seen_at is not null

)

select * from take_measures
