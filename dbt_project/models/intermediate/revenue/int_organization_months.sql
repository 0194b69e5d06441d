with

subscription_changes as (

    select * from {{ ref('int_subscription_month_changes') }}

),

sum_changes as (

    select
        company_id,
        external_org_id,
        month,
        sum(mrr_change) as mrr_change,
        -- No amount is negative: an organization pays as soon as one of its subscriptions does.
        max(closing_mrr) > 0 as is_paying
    from subscription_changes
    group by company_id, external_org_id, month

),

accumulate_changes as (

    select
        company_id,
        external_org_id,
        month as first_month,
        cast(mrr_change as decimal(18, 2)) as mrr_change,
        cast(
            sum(mrr_change) over (
                partition by company_id, external_org_id
                order by month
                rows between unbounded preceding and current row
            ) as decimal(18, 2)
        ) as mrr,
        min(case when is_paying then month end) over (
            partition by company_id, external_org_id
            order by month
            rows between unbounded preceding and current row
        ) as first_paid_month,
        lead(month) over (partition by company_id, external_org_id order by month) as next_month
    from sum_changes

),

fill_months as (

    -- Every month from the first paid one: a month at 0 is a churn, not a missing row.
    select
        *,
        {{ month_rows(
            'first_month',
            'coalesce(' ~ add_months('next_month', -1) ~ ', ' ~ start_of('month', as_of_date()) ~ ')'
        ) }} as month
    from accumulate_changes
    where first_paid_month is not null

),

add_openings as (

    select
        company_id,
        external_org_id,
        month,
        first_paid_month,
        mrr,
        case
            when month = first_month then cast(mrr - mrr_change as decimal(18, 2))
            else mrr
        end as opening_mrr
    from fill_months

)

select * from add_openings
