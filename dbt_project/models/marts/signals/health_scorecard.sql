with

bands as (

    select * from {{ ref('stg_health_bands') }}

),

outcomes as (

    select * from {{ ref('health_outcomes') }}

),

sum_bands as (

    select
        bands.company_id,
        bands.health_band,
        count(outcomes.external_org_id) as organization_months,
        count(case when outcomes.is_lost then 1 end) as lost,
        {{ sum_money('outcomes.mrr') }} as mrr,
        {{ sum_money('outcomes.mrr_lost') }} as mrr_lost
    from bands
    left join outcomes
        on bands.company_id = outcomes.company_id
        and bands.health_band = outcomes.health_band
    group by bands.company_id, bands.health_band

)

select
    company_id,
    reporting_currency,
    health_band,
    {{ label_and_order('health_band') }},
    organization_months,
    lost,
    {{ ratio('lost', 'organization_months') }} as loss_rate,
    {{ wilson_bound('lost', 'organization_months', 'low') }} as loss_rate_low,
    {{ wilson_bound('lost', 'organization_months', 'high') }} as loss_rate_high,
    mrr,
    mrr_lost,
    {{ as_of_date() }} as as_of_date
from {{ described('sum_bands', 'reporting_currency') }}
