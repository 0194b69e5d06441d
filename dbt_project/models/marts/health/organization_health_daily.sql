{% set keys = ['company_id', 'external_org_id', 'date_day'] -%}
{{ config(materialized='incremental', unique_key=keys, meta={'stale': 'int_stale_organization_days'}) }}
with

metrics as (

    select * from {{ ref('organization_metrics_daily') }}
    {{ only_stale(keys, 'int_stale_organization_days') }}

),

health as (

    select * from {{ ref('int_organization_health') }}
    {{ only_stale(keys, 'int_stale_organization_days') }}

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
