with

organization_signals as (

    select * from {{ ref('int_organization_signals') }}

),

organizations as (

    select * from {{ ref('stg_organizations') }}

),

organization_health as (

    select * from {{ ref('organization_health_daily') }}

),

add_names_and_bands as (

    select
        organization_signals.*,
        coalesce(organizations.display_name, organization_signals.external_org_id) as display_name,
        organization_health.health_band
    from organization_signals
    left join organizations
        on organization_signals.company_id = organizations.company_id
        and organization_signals.external_org_id = organizations.external_org_id
    left join organization_health
        on organization_signals.company_id = organization_health.company_id
        and organization_signals.external_org_id = organization_health.external_org_id
        and organization_health.app_id = 'all'
        and organization_health.date_day = {{ as_of_date() }}

)

select
    company_id,
    external_org_id,
    display_name,
    signal_types,
    case_type,
    priority,
    mrr,
    health_score,
    health_band,
    last_seen_at,
    explanation,
    {{ as_of_date() }} as as_of_date
from add_names_and_bands
