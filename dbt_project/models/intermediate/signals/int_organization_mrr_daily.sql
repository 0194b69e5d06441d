with

mrr_intervals as (

    select * from {{ ref('int_subscription_mrr_intervals') }}

),

organization_days as (

    select
        company_id,
        external_org_id,
        date_day
    from {{ ref('organization_metrics_daily') }}
    where app_id = 'all'

),

find_first_days as (

    select
        company_id,
        external_org_id,
        min(date_day) as first_day
    from organization_days
    group by company_id, external_org_id

),

list_changes as (

    select company_id, external_org_id, valid_from as date_day, mrr as mrr_change
    from mrr_intervals

    union all

    select company_id, external_org_id, {{ add_days('valid_to', 1) }} as date_day, -mrr as mrr_change
    from mrr_intervals

),

sum_changes as (

    -- What changed before an organization's first scanned day is in the amount of that day.
    select
        list_changes.company_id,
        list_changes.external_org_id,
        greatest(list_changes.date_day, find_first_days.first_day) as date_day,
        sum(list_changes.mrr_change) as mrr_change
    from list_changes
    inner join find_first_days
        on list_changes.company_id = find_first_days.company_id
        and list_changes.external_org_id = find_first_days.external_org_id
    group by
        list_changes.company_id,
        list_changes.external_org_id,
        greatest(list_changes.date_day, find_first_days.first_day)

),

accumulate_changes as (

    select
        organization_days.company_id,
        organization_days.external_org_id,
        organization_days.date_day,
        cast(
            sum(coalesce(sum_changes.mrr_change, 0)) over (
                partition by organization_days.company_id, organization_days.external_org_id
                order by organization_days.date_day
                rows between unbounded preceding and current row
            ) as decimal(18, 2)
        ) as mrr
    from organization_days
    left join sum_changes
        on organization_days.company_id = sum_changes.company_id
        and organization_days.external_org_id = sum_changes.external_org_id
        and organization_days.date_day = sum_changes.date_day

),

rank_paying as (

    select
        *,
        -- The share of the company's paying organizations whose MRR is not above its own.
        case
            when mrr > 0
                then cume_dist() over (
                    partition by company_id, date_day, mrr > 0
                    order by mrr
                )
            else 0
        end as mrr_rank
    from accumulate_changes

)

select * from rank_paying
