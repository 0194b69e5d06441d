with

mrr_intervals as (

    select * from {{ ref('int_subscription_mrr_intervals') }}

),

starts as (

    select * from {{ ref('int_organization_starts') }}
    where app_id = 'all'

),

find_first_days as (

    -- Signals are looked for from the first day of the company's first organization on.
    select
        company_id,
        min(first_day) as first_day
    from starts
    group by company_id

),

list_changes as (

    select company_id, external_org_id, valid_from as date_day, mrr as mrr_change
    from mrr_intervals

    union all

    select company_id, external_org_id, {{ add_days('valid_to', 1) }} as date_day, -mrr as mrr_change
    from mrr_intervals

),

sum_changes as (

    -- What changed before is in the amount of the first day.
    select
        list_changes.company_id,
        list_changes.external_org_id,
        greatest(list_changes.date_day, find_first_days.first_day) as date_day,
        cast(sum(list_changes.mrr_change) as decimal(18, 2)) as mrr_change
    from list_changes
    inner join find_first_days
        on list_changes.company_id = find_first_days.company_id
    group by
        list_changes.company_id,
        list_changes.external_org_id,
        greatest(list_changes.date_day, find_first_days.first_day)

)

select * from sum_changes
where
    mrr_change <> 0
    and date_day <= {{ as_of_date() }}
