with

months as (

    select * from {{ ref('int_revenue_months') }}

),

active_intervals as (

    select * from {{ ref('int_subscription_active_intervals') }}

),

mrr_monthly as (

    select * from {{ ref('mrr_monthly') }}

),

find_first_months as (

    select
        company_id,
        {{ start_of('month', 'min(active_from)') }} as first_month
    from active_intervals
    group by company_id

),

sum_months as (

    select
        months.company_id,
        months.month,
        months.months_ago,
        months.is_partial,
        {{ sum_money('mrr_monthly.mrr') }} as mrr,
        count(mrr_monthly.external_org_id) as paying_orgs
    from months
    inner join find_first_months on months.company_id = find_first_months.company_id
    left join mrr_monthly
        on months.company_id = mrr_monthly.company_id
        and months.month = mrr_monthly.month
    where months.month >= find_first_months.first_month
    group by months.company_id, months.month, months.months_ago, months.is_partial

),

add_previous as (

    select
        *,
        coalesce(
            lag(mrr) over (partition by company_id order by month),
            cast(0 as decimal(18, 2))
        ) as mrr_previous
    from sum_months

)

select
    company_id,
    month,
    reporting_currency,
    mrr,
    cast(12 * mrr as decimal(18, 2)) as arr,
    mrr_previous,
    cast(mrr - mrr_previous as decimal(18, 2)) as mrr_change,
    {{ ratio('mrr - mrr_previous', 'mrr_previous') }} as mrr_change_rate,
    paying_orgs,
    {{ money_per('mrr', 'paying_orgs') }} as arpa,
    months_ago,
    is_partial
from {{ described('add_previous', 'reporting_currency') }}
