with

subscription_changes as (

    select * from {{ ref('int_subscription_month_changes') }}

),

sum_changes as (

    select
        company_id,
        external_org_id,
        currency,
        month,
        sum(closing_original - opening_original) as original_change
    from subscription_changes
    where opening_original <> closing_original
    group by company_id, external_org_id, currency, month
    having sum(closing_original - opening_original) <> 0

),

accumulate_changes as (

    select
        company_id,
        external_org_id,
        currency,
        month,
        cast(original_change as decimal(18, 4)) as original_change,
        cast(
            sum(original_change) over (
                partition by company_id, external_org_id, currency
                order by month
                rows between unbounded preceding and current row
            ) as decimal(18, 4)
        ) as closing_original,
        lead(month) over (partition by company_id, external_org_id, currency order by month) as next_month
    from sum_changes

)

select * from accumulate_changes
