with

signals as (

    select * from {{ ref('signals') }}
    where app_id = 'all'

),

signal_types as (

    select * from {{ ref('signal_types') }}

),

organization_health as (

    select * from {{ ref('int_organization_health_daily') }}
    where app_id = 'all' and date_day = {{ as_of_date() }}

),

rank_signals as (

    select
        signals.*,
        signal_types.is_risk,
        row_number() over (
            partition by signals.company_id, signals.external_org_id
            order by signals.priority desc, signal_types.sort_order
        ) as position
    from signals
    inner join signal_types on signals.signal_type = signal_types.signal_type

),

group_organizations as (

    select
        company_id,
        external_org_id,
        {{ sorted_list('signal_type') }} as signal_types,
        case
            when max(mrr) > 0 and max(last_seen_at) is null then 'onboarding'
            when max(case when is_risk then 1 else 0 end) = 1 then 'risk'
            else 'expansion'
        end as case_type,
        max(priority) as priority,
        max(mrr) as mrr,
        max(health_score) as health_score,
        max(last_seen_at) as last_seen_at,
        -- The sentence of the signal that gives the organization its priority.
        max(case when position = 1 then explanation end) as explanation
    from rank_signals
    group by company_id, external_org_id

),

add_bands as (

    select
        group_organizations.*,
        coalesce(organization_health.health_band, 'no_recent_activity') as health_band
    from group_organizations
    left join organization_health
        on group_organizations.company_id = organization_health.company_id
        and group_organizations.external_org_id = organization_health.external_org_id

)

select
    company_id,
    external_org_id,
    display_name,
    signal_types,
    case_type,
    priority,
    mrr,
    reporting_currency,
    health_score,
    health_band,
    {{ label_and_order('health_band') }},
    last_seen_at,
    explanation,
    {{ as_of_date() }} as as_of_date
from {{ described('add_bands', 'display_name', 'reporting_currency') }}
