{{ config(materialized='incremental', pre_hook="{{ delete_from_day_on('health') }}") }}
with

metrics as (

    select metrics.*
    from {{ ref('int_organization_metrics_daily') }} as metrics
    {{ only_recomputed('health', 'metrics') }}

),

health as (

    select health.*
    from {{ ref('int_health_scores') }} as health
    {{ only_recomputed('health', 'health') }}

),

models as (

    select * from {{ ref('int_health_model') }}

),

add_days_before_first_use as (

    select
        company_id,
        app_id,
        external_org_id,
        date_day,
        health_score,
        health_band,
        main_driver
    from health

    union all

    select
        company_id,
        app_id,
        external_org_id,
        date_day,
        null as health_score,
        'no_recent_activity' as health_band,
        null as main_driver
    from metrics
    where last_seen_at is null

),

add_versions as (

    select
        add_days_before_first_use.*,
        models.model_version
    from add_days_before_first_use
    inner join models
        on add_days_before_first_use.company_id = models.company_id

)

select * from add_versions
