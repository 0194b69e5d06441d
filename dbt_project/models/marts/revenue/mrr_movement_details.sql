with

subscription_months as (

    select * from {{ ref('int_subscription_months') }}

),

months as (

    select * from {{ ref('int_revenue_months') }}

),

subscriptions as (

    select * from {{ ref('subscriptions') }}

),

list_closings_and_openings as (

    select company_id, subscription_id, month, mrr as closing_mrr, cast(0 as decimal(18, 2)) as opening_mrr
    from subscription_months

    union all

    select
        company_id,
        subscription_id,
        cast({{ dbt.dateadd('month', 1, 'month') }} as date) as month,
        cast(0 as decimal(18, 2)) as closing_mrr,
        mrr as opening_mrr
    from subscription_months

),

compare_months as (

    select
        amounts.company_id,
        amounts.subscription_id,
        amounts.month,
        {{ sum_money('amounts.opening_mrr') }} as opening_mrr,
        {{ sum_money('amounts.closing_mrr') }} as closing_mrr
    from list_closings_and_openings as amounts
    inner join months
        on amounts.company_id = months.company_id
        and amounts.month = months.month
    group by amounts.company_id, amounts.subscription_id, amounts.month
    having sum(amounts.opening_mrr) <> sum(amounts.closing_mrr)

)

select
    compare_months.company_id,
    compare_months.subscription_id,
    compare_months.month,
    subscriptions.external_org_id,
    subscriptions.display_name,
    subscriptions.product_code,
    compare_months.opening_mrr,
    compare_months.closing_mrr,
    cast(compare_months.closing_mrr - compare_months.opening_mrr as decimal(18, 2)) as mrr_change
from compare_months
inner join subscriptions
    on compare_months.company_id = subscriptions.company_id
    and compare_months.subscription_id = subscriptions.subscription_id
