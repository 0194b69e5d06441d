-- Days on which the bands together hold another number of organizations than the day has.
with

count_organizations as (

    select company_id, app_id, date_day, count(*) as organizations
    from {{ ref('organization_metrics_daily') }}
    group by company_id, app_id, date_day

),

sum_bands as (

    select company_id, app_id, date_day, sum(organizations) as organizations
    from {{ ref('health_distribution') }}
    group by company_id, app_id, date_day

)

select
    coalesce(count_organizations.company_id, sum_bands.company_id) as company_id,
    coalesce(count_organizations.app_id, sum_bands.app_id) as app_id,
    coalesce(count_organizations.date_day, sum_bands.date_day) as date_day,
    count_organizations.organizations,
    sum_bands.organizations as organizations_in_bands
from count_organizations
full outer join sum_bands
    on count_organizations.company_id = sum_bands.company_id
    and count_organizations.app_id = sum_bands.app_id
    and count_organizations.date_day = sum_bands.date_day
where not coalesce(count_organizations.organizations = sum_bands.organizations, false)
