-- Organizations whose components do not add up: weights to 100, contributions to the score (before rounding).
with

sum_components as (

    select
        company_id,
        app_id,
        external_org_id,
        as_of_date,
        sum(weight) as weights,
        sum(contribution) as contributions,
        count(*) as components
    from {{ ref('organization_health_components') }}
    group by company_id, app_id, external_org_id, as_of_date

)

select
    health.company_id,
    health.app_id,
    health.external_org_id,
    health.health_score,
    sum_components.weights,
    sum_components.contributions
from {{ ref('organization_health_daily') }} as health
left join sum_components
    on health.company_id = sum_components.company_id
    and health.app_id = sum_components.app_id
    and health.external_org_id = sum_components.external_org_id
where health.date_day = {{ as_of_date() }}
    and health.health_score is not null
    and not coalesce(
        sum_components.components = {{ health_components() | length }}
        and abs(sum_components.weights - 100) < 0.000001
        and abs(sum_components.contributions - health.health_score) < 0.0501,
        false
    )
