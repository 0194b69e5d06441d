with

companies as (

    select * from {{ ref('stg_companies') }}

),

paying_organizations as (

    select * from {{ ref('int_organization_revenue') }}
    where is_paying

),

mrr_intervals as (

    select * from {{ ref('int_subscription_mrr_intervals') }}

),

sum_companies as (

    select
        companies.company_id,
        {{ sum_money('paying_organizations.mrr') }} as mrr,
        count(paying_organizations.external_org_id) as paying_orgs,
        {{ sum_money(
            "case when paying_organizations.health_band = 'at_risk' then paying_organizations.mrr end"
        ) }} as revenue_at_risk
    from companies
    left join paying_organizations on companies.company_id = paying_organizations.company_id
    group by companies.company_id

),

sum_previous_month as (

    -- A day against a day, whatever `mrr_month_rule` makes of months.
    select
        company_id,
        {{ sum_money('mrr') }} as mrr
    from mrr_intervals
    where {{ add_days(start_of('month', as_of_date()), -1) }} between valid_from and valid_to
    group by company_id

),

add_previous_month as (

    select
        sum_companies.*,
        coalesce(sum_previous_month.mrr, cast(0 as decimal(18, 2))) as mrr_previous_month
    from sum_companies
    left join sum_previous_month on sum_companies.company_id = sum_previous_month.company_id

)

select
    company_id,
    reporting_currency,
    {{ as_of_date() }} as as_of_date,
    mrr,
    cast(12 * mrr as decimal(18, 2)) as arr,
    paying_orgs,
    {{ money_per('mrr', 'paying_orgs') }} as arpa,
    revenue_at_risk,
    mrr_previous_month,
    cast(mrr - mrr_previous_month as decimal(18, 2)) as mrr_change,
    {{ ratio('mrr - mrr_previous_month', 'mrr_previous_month') }} as mrr_change_rate
from {{ described('add_previous_month', 'reporting_currency') }}
