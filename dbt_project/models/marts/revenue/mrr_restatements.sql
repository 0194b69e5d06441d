with

version_months as (

    select * from {{ ref('int_subscription_version_months') }}

),

versions as (

    select * from {{ ref('stg_subscription_versions') }}

),

find_first_imports as (

    select
        company_id,
        min(valid_from) as first_applied_at
    from versions
    group by company_id

),

list_changes as (

    select company_id, month, last_day, applied_at, mrr as mrr_change
    from version_months

    union all

    select company_id, month, last_day, replaced_at as applied_at, -mrr as mrr_change
    from version_months
    where replaced_at is not null

),

sum_imports as (

    select
        company_id,
        month,
        last_day,
        applied_at,
        sum(mrr_change) as mrr_change
    from list_changes
    group by company_id, month, last_day, applied_at

),

accumulate as (

    select
        *,
        sum(mrr_change) over (
            partition by company_id, month
            order by applied_at
            rows between unbounded preceding and current row
        ) as mrr_after
    from sum_imports

),

keep_restatements as (

    -- Nothing was said of a month before the company's first import, so that one restates nothing.
    select
        accumulate.company_id,
        accumulate.month,
        accumulate.applied_at,
        accumulate.mrr_after - accumulate.mrr_change as mrr_before,
        accumulate.mrr_after,
        accumulate.mrr_change
    from accumulate
    inner join find_first_imports
        on accumulate.company_id = find_first_imports.company_id
    where accumulate.applied_at > find_first_imports.first_applied_at
        and cast(accumulate.applied_at as date) > accumulate.last_day
        and accumulate.mrr_change <> 0

)

select
    company_id,
    month,
    applied_at,
    cast(mrr_before as decimal(18, 2)) as mrr_before,
    cast(mrr_after as decimal(18, 2)) as mrr_after,
    cast(mrr_change as decimal(18, 2)) as mrr_change
from keep_restatements
