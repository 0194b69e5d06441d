with

details as (

    select * from {{ ref('mrr_restatement_details') }}

),

mrr_trend as (

    select * from {{ ref('mrr_trend') }}

),

list_paths as (

    -- Distinct: a file may have changed many subscriptions.
    select distinct company_id, month, applied_at, import_path
    from details

),

join_paths as (

    select company_id, month, applied_at, {{ sorted_list('import_path') }} as import_paths
    from list_paths
    group by company_id, month, applied_at

),

sum_imports as (

    select
        company_id,
        month,
        applied_at,
        sum(mrr_change) as mrr_change,
        count(*) as subscriptions
    from details
    group by company_id, month, applied_at

),

add_later_changes as (

    select
        *,
        sum(mrr_change) over (
            partition by company_id, month
            order by applied_at desc
            rows between unbounded preceding and current row
        ) as change_from_here_on
    from sum_imports

),

count_back as (

    -- From what is known today; a month before the first of the trend has nothing left.
    select
        changes.company_id,
        changes.month,
        changes.applied_at,
        coalesce(mrr_trend.mrr, 0) - changes.change_from_here_on as mrr_before,
        changes.mrr_change,
        changes.subscriptions,
        join_paths.import_paths
    from add_later_changes as changes
    inner join join_paths
        on changes.company_id = join_paths.company_id
        and changes.month = join_paths.month
        and changes.applied_at = join_paths.applied_at
    left join mrr_trend
        on changes.company_id = mrr_trend.company_id
        and changes.month = mrr_trend.month
    where changes.mrr_change <> 0

)

select
    company_id,
    month,
    applied_at,
    reporting_currency,
    cast(mrr_before as decimal(18, 2)) as mrr_before,
    cast(mrr_before + mrr_change as decimal(18, 2)) as mrr_after,
    cast(mrr_change as decimal(18, 2)) as mrr_change,
    subscriptions,
    import_paths
from {{ described('count_back', 'reporting_currency') }}
