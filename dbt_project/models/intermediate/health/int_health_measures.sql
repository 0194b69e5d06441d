{{ config(materialized='view') }}
with

metrics as (

    select * from {{ ref('int_organization_metrics_daily') }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}

),

take_measures as (

    select
        metrics.company_id,
        metrics.app_id,
        metrics.external_org_id,
        metrics.date_day,
        metrics.events_30d
        {%- for component, rule in health_components().items() %},
        cast({{ rule.measure }} as double) as {{ component }}_measure,
        cast({{ rule.without_ratio or 'null' }} as double) as {{ component }}_score_without_ratio
        {%- endfor %}
    from metrics
    inner join scopes
        on metrics.company_id = scopes.company_id
        and metrics.app_id = scopes.app_id

)

select * from take_measures
