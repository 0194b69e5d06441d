with

imported as (

    select * from {{ ref('stg_organizations') }}

),

seen as (

    select * from {{ ref('int_organizations_seen') }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}
    where app_id = 'all'

),

metrics as (

    select * from {{ ref('int_organization_metrics_daily') }}
    where app_id = 'all' and date_day = {{ as_of_date() }}

),

health as (

    select * from {{ ref('int_organization_health_daily') }}
    where app_id = 'all' and date_day = {{ as_of_date() }}

),

match_by_id as (

    select
        coalesce(imported.company_id, seen.company_id) as company_id,
        coalesce(imported.external_org_id, seen.external_org_id) as external_org_id,
        imported.external_org_id is not null as is_imported,
        seen.external_org_id is not null as has_events,
        seen.first_seen_at,
        seen.last_seen_at,
        seen.plan
    from imported
    full outer join seen
        on imported.company_id = seen.company_id
        and imported.external_org_id = seen.external_org_id

),

name_organizations as (

    select * from {{ described('match_by_id', 'display_name', 'reporting_currency') }}

),

gather_figures as (

    select
        organizations.company_id,
        organizations.external_org_id,
        organizations.display_name,
        organizations.reporting_currency,

        organizations.is_imported,
        organizations.has_events,
        organizations.first_seen_at,
        organizations.last_seen_at,
        organizations.plan,
        metrics.days_since_last_seen,
        case
            when metrics.events_30d > 0 then 'active'
            when organizations.has_events then 'inactive'
            else 'never_active'
        end as activity_state,
        coalesce(metrics.events_30d, 0) as events_30d,
        coalesce(metrics.events_previous_30d, 0) as events_previous_30d,
        case when scopes.counts_users then coalesce(metrics.active_users_30d, 0) end as active_users_30d,
        coalesce(metrics.sessions_30d, 0) as sessions_30d,
        coalesce(metrics.features_used_30d, 0) as features_used_30d,

        -- health
        health.health_score,
        coalesce(health.health_band, 'no_recent_activity') as health_band,

        -- revenue
        coalesce(revenue.mrr, cast(0 as decimal(18, 2))) as mrr,
        coalesce(revenue.is_paying, false) as is_paying,
        coalesce(revenue.active_subscriptions, 0) as active_subscriptions,
        coalesce(segments.segment, 'not_paying') as revenue_segment,

        -- signals
        coalesce(organization_signals.signal_types, '') as signal_types,
        organization_signals.priority,
        organization_signals.case_type,

        {{ as_of_date() }} as as_of_date
    from name_organizations as organizations
    inner join scopes on organizations.company_id = scopes.company_id
    {%- for part, rows in [
        ('metrics', 'metrics'),
        ('health', 'health'),
        ('revenue', ref('int_organization_revenue')),
        ('segments', ref('int_paying_organizations')),
        ('organization_signals', ref('signals_by_organization')),
    ] %}
    left join {{ rows }}{{ ' as ' ~ part if rows != part }}
        on organizations.company_id = {{ part }}.company_id
        and organizations.external_org_id = {{ part }}.external_org_id
    {%- endfor %}

)

select
    *,
    {{ label_and_order('health_band') }},
    {{ label_and_order('revenue_segment', 'segment') }}
from gather_figures
