{#- The first day to compute again, by what depends on what: usage, then health, then signals. -#}
{#- No build has been for the days after this one; on the day itself signals are put into words. -#}
{% set last_day = "cast('" ~ ([last_as_of_date() or as_of_day(), as_of_day()] | min) ~ "' as date)" -%}
{% set recompute_days = ref('int_recompute_days__this_run') -%}
with

starts as (

    select * from {{ ref('int_organization_starts') }}

),

last_starts as (

    select * from {{ source('last_build', 'last_organization_starts') }}

),

mrr_changes as (

    select * from {{ ref('int_organization_mrr_changes') }}

),

last_mrr_changes as (

    select * from {{ source('last_build', 'last_mrr_changes') }}

),

compare_starts as (

    -- An organization whose days begin elsewhere, or that is new or gone, is computed from the earlier day on.
    select
        coalesce(starts.company_id, last_starts.company_id) as company_id,
        coalesce(starts.external_org_id, last_starts.external_org_id) as external_org_id,
        least(
            coalesce(starts.first_day, last_starts.first_day), coalesce(last_starts.first_day, starts.first_day)
        ) as first_day,
        coalesce(starts.first_day <> last_starts.first_day, true) as is_moved
    from starts
    full outer join last_starts
        on starts.company_id = last_starts.company_id
        and starts.app_id = last_starts.app_id
        and starts.external_org_id = last_starts.external_org_id

),

list_days as (

    select company_id, external_org_id, date_day as usage_day, null as health_day, null as signals_day
    from {{ recompute_days }}

    union all

    select
        company_id,
        external_org_id,
        least(
            case
                when is_moved or company_id in ({{ companies_with_other('usage') }}) then first_day
                else {{ add_days(last_day, 1) }}
            end,
            coalesce({{ rebuilt_from('company_id', 'first_day') }}, {{ add_days(last_day, 1) }})
        ) as usage_day,
        case when company_id in ({{ companies_with_other('health') }}) then first_day end as health_day,
        case when company_id in ({{ companies_with_other('signals') }}) then first_day end as signals_day
    from compare_starts

),

find_organization_days as (

    select
        company_id,
        external_org_id,
        min(usage_day) as usage_from,
        least(min(usage_day), coalesce(min(health_day), min(usage_day))) as health_from,
        coalesce(min(signals_day), {{ last_day }}) as signals_day
    from list_days
    group by company_id, external_org_id

),

list_signals_days as (

    select company_id, least(health_from, signals_day) as date_day from find_organization_days

    union all

    select
        coalesce(mrr_changes.company_id, last_mrr_changes.company_id) as company_id,
        coalesce(mrr_changes.date_day, last_mrr_changes.date_day) as date_day
    from mrr_changes
    full outer join last_mrr_changes
        on mrr_changes.company_id = last_mrr_changes.company_id
        and mrr_changes.external_org_id = last_mrr_changes.external_org_id
        and mrr_changes.date_day = last_mrr_changes.date_day
    where coalesce(mrr_changes.mrr_change <> last_mrr_changes.mrr_change, true)

),

find_company_days as (

    -- What others pay ranks an organization, and how much others use is what its own use is held against.
    select company_id, min(date_day) as signals_from from list_signals_days
    group by company_id

)

select
    organization_days.company_id,
    organization_days.external_org_id,
    organization_days.usage_from,
    organization_days.health_from,
    company_days.signals_from
from find_organization_days as organization_days
inner join find_company_days as company_days on organization_days.company_id = company_days.company_id
