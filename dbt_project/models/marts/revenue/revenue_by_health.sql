with

health_bands as (

    select * from {{ ref('stg_health_bands') }}

),

paying_organizations as (

    select * from {{ ref('int_organization_revenue') }}
    where is_paying

),

sum_bands as (

    select
        health_bands.company_id,
        health_bands.health_band,
        {{ sum_money('paying_organizations.mrr') }} as mrr,
        count(paying_organizations.external_org_id) as organizations
    from health_bands
    left join paying_organizations
        on health_bands.company_id = paying_organizations.company_id
        and health_bands.health_band = paying_organizations.health_band
    group by health_bands.company_id, health_bands.health_band

)

select
    company_id,
    reporting_currency,
    health_band,
    {{ label_and_order('health_band') }},
    mrr,
    organizations,
    {{ ratio('mrr', 'sum(mrr) over (partition by company_id)') }} as share_of_mrr,
    {{ as_of_date() }} as as_of_date
from {{ described('sum_bands', 'reporting_currency') }}
