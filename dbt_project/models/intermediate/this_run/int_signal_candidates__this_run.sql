{#- A signal that opens has held on the days before, so these are scanned with those that a build computes again. -#}
{% set days_before -%}
coalesce((
        select max(cast(hold.value as integer)) - 1
        from {{ ref('stg_signal_rules') }} as hold
        where hold.parameter = 'hold_days'
    ), 0)
{%- endset -%}
with

organization_metrics as (

    {% set columns = ['company_id', 'app_id', 'external_org_id', 'date_day'] -%}
    select
        metrics.{{ columns | join(', metrics.') }},
        metrics.events_30d,
        metrics.events_previous_30d,
        metrics.days_since_last_seen
    from {{ ref('int_organization_metrics_daily') }} as metrics
    {{ only_recomputed('signals', 'metrics', ['company_id'], days_before) }}

    union all

    select
        days.{{ columns | join(', days.') }},
        0 as events_30d,
        0 as events_previous_30d,
        null as days_since_last_seen
    from {{ ref('int_days_before_use') }} as days
    {{ only_recomputed('signals', 'days', ['company_id'], days_before) }}

),

organization_health as (

    select * from {{ ref('int_organization_health_daily') }}

),

organization_mrr as (

    select * from {{ ref('int_organization_mrr_daily') }}

),

fleet_usage as (

    select * from {{ ref('int_fleet_usage') }}

),

companies as (

    select * from {{ ref('stg_companies') }}

),

gather_measures as (

    select
        organization_metrics.company_id,
        organization_metrics.app_id,
        organization_metrics.external_org_id,
        organization_metrics.date_day,
        companies.reporting_currency,
        coalesce(organization_mrr.mrr, cast(0 as decimal(18, 2))) as mrr,
        coalesce(organization_mrr.mrr_rank, 0) as mrr_rank,
        organization_health.health_score,
        organization_metrics.events_30d,
        organization_metrics.events_previous_30d,
        fleet_usage.fleet_ratio,
        organization_metrics.days_since_last_seen
    from organization_metrics
    inner join companies on organization_metrics.company_id = companies.company_id
    inner join fleet_usage
        on organization_metrics.company_id = fleet_usage.company_id
        and organization_metrics.app_id = fleet_usage.app_id
        and organization_metrics.date_day = fleet_usage.date_day
    -- Revenue has no application: what an organization pays counts whole in each.
    left join organization_mrr
        on organization_metrics.company_id = organization_mrr.company_id
        and organization_metrics.external_org_id = organization_mrr.external_org_id
        and organization_metrics.date_day = organization_mrr.date_day
    left join organization_health
        on organization_metrics.company_id = organization_health.company_id
        and organization_metrics.app_id = organization_health.app_id
        and organization_metrics.external_org_id = organization_health.external_org_id
        and organization_metrics.date_day = organization_health.date_day
    where organization_mrr.mrr > 0 or organization_metrics.events_30d > 0

)

select * from gather_measures
