-- Changes whose components do not add up to the change of the score (two scores of one decimal: within 0.1), or that
-- are said to be the last but whose band is not that of the as-of date.
with

changes as (

    select * from {{ ref('organization_health_changes') }}

),

sum_components as (

    select
        company_id,
        app_id,
        external_org_id,
        changed_on,
        sum(contribution_change) as contribution_change,
        count(*) as components
    from {{ ref('organization_health_change_components') }}
    group by company_id, app_id, external_org_id, changed_on

),

health as (

    select * from {{ ref('organization_health_daily') }}
    where date_day = {{ as_of_date() }}

)

select
    changes.company_id,
    changes.app_id,
    changes.external_org_id,
    changes.changed_on,
    changes.health_score_change,
    sum_components.contribution_change,
    sum_components.components
from changes
inner join health
    on changes.company_id = health.company_id
    and changes.app_id = health.app_id
    and changes.external_org_id = health.external_org_id
left join sum_components
    on changes.company_id = sum_components.company_id
    and changes.app_id = sum_components.app_id
    and changes.external_org_id = sum_components.external_org_id
    and changes.changed_on = sum_components.changed_on
where (changes.is_current and changes.health_band <> health.health_band)
    or (
        changes.health_score_change is not null
        and not coalesce(
            sum_components.components = {{ health_components() | length }}
            and abs(sum_components.contribution_change - changes.health_score_change) < 0.1001,
            false
        )
    )
