{{ config(materialized='incremental', pre_hook="{{ delete_from_day_on('health') }}") }}
with

health as (

    select health.*
    from {{ ref('int_health_scores') }} as health
    {{ only_recomputed('health', 'health') }}

),

models as (

    select * from {{ ref('int_health_model') }}

),

add_versions as (

    select
        health.company_id,
        health.app_id,
        health.external_org_id,
        health.date_day,
        health.health_score,
        health.health_band,
        health.main_driver,
        models.model_version
    from health
    inner join models
        on health.company_id = models.company_id

)

select * from add_versions
