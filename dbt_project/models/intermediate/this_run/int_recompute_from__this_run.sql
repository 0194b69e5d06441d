{#- The first day to compute again, by what depends on what: usage, then health, then signals. -#}
{% set continues = continues_last_build() -%}
{#- No build has been for the days after this one; on the day itself signals are put into words. -#}
{% set last_day -%}
    cast('{{ [last_as_of_date(), as_of_day()] | min if continues else as_of_day() }}' as date)
{%- endset -%}
with

starts as (

    select * from {{ ref('int_organization_starts') }}

),

last_starts as (

    select * from {{ source('last_build', 'last_organization_starts') }}

),

recompute_days as (

    select * from {{ ref('int_recompute_days__this_run') }}

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

list_usage_days as (

    select company_id, external_org_id, date_day, cast(null as date) as first_day from recompute_days

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
        ) as date_day,
        first_day
    from compare_starts

),

find_usage_days as (

    select
        company_id,
        external_org_id,
        min(date_day) as usage_from,
        min(first_day) as first_day
    from list_usage_days
    group by company_id, external_org_id

),

add_health_days as (

    select
        company_id,
        external_org_id,
        usage_from,
        first_day,
        case
            when company_id in ({{ companies_with_other('health') }}) then least(usage_from, coalesce(first_day, usage_from))
            else usage_from
        end as health_from
    from find_usage_days

),

list_signal_days as (

    select company_id, least(health_from, {{ last_day }}) as date_day from add_health_days

    union all

    select company_id, first_day as date_day from add_health_days
    where company_id in ({{ companies_with_other('signals') }})

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

find_signal_days as (

    -- Of the company: what others pay ranks an organization, and how much others use is what its own use is held against.
    select company_id, min(date_day) as signals_from
    from list_signal_days
    group by company_id

)

select
    add_health_days.company_id,
    add_health_days.external_org_id,
    add_health_days.usage_from,
    add_health_days.health_from,
    find_signal_days.signals_from
from add_health_days
inner join find_signal_days on add_health_days.company_id = find_signal_days.company_id
