with

bands as (

    select * from {{ ref('stg_health_bands') }}

),

mrr_trend as (

    select * from {{ ref('mrr_trend') }}

),

mrr_monthly as (

    select * from {{ ref('mrr_monthly') }}

),

months as (

    select * from {{ ref('int_revenue_months') }}

),

health as (

    select * from {{ ref('int_organization_health_daily') }}
    where app_id = 'all'

),

find_bands as (

    -- On the day whose MRR is the month's value.
    select
        mrr_monthly.company_id,
        mrr_monthly.month,
        mrr_monthly.mrr,
        coalesce(health.health_band, 'no_recent_activity') as health_band
    from mrr_monthly
    inner join months
        on mrr_monthly.company_id = months.company_id
        and mrr_monthly.month = months.month
    left join health
        on mrr_monthly.company_id = health.company_id
        and mrr_monthly.external_org_id = health.external_org_id
        and months.value_day = health.date_day

),

sum_bands as (

    select
        mrr_trend.company_id,
        mrr_trend.month,
        bands.health_band,
        {{ sum_money('find_bands.mrr') }} as mrr,
        count(find_bands.mrr) as organizations
    from mrr_trend
    inner join bands on mrr_trend.company_id = bands.company_id
    left join find_bands
        on mrr_trend.company_id = find_bands.company_id
        and mrr_trend.month = find_bands.month
        and bands.health_band = find_bands.health_band
    group by mrr_trend.company_id, mrr_trend.month, bands.health_band

)

select
    company_id,
    reporting_currency,
    month,
    health_band,
    {{ label_and_order('health_band') }},
    mrr,
    organizations,
    {{ ratio('mrr', 'sum(mrr) over (partition by company_id, month)') }} as share_of_mrr
from {{ described('sum_bands', 'reporting_currency') }}
