with

subscriptions as (

    select * from {{ ref('subscriptions') }}
    where is_active

),

sum_products as (

    select
        company_id,
        product_code,
        {{ sum_money('mrr') }} as mrr,
        count(*) as active_subscriptions,
        count(distinct case when mrr > 0 then external_org_id end) as paying_orgs
    from subscriptions
    group by company_id, product_code

)

select
    company_id,
    reporting_currency,
    product_code,
    mrr,
    {{ ratio('mrr', 'sum(mrr) over (partition by company_id)') }} as share_of_mrr,
    active_subscriptions,
    paying_orgs,
    {{ as_of_date() }} as as_of_date
from {{ described('sum_products', 'reporting_currency') }}
