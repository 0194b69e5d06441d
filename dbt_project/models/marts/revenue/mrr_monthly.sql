with

organization_months as (

    select * from {{ ref('int_organization_months') }}

),

keep_paid_months as (

    select
        company_id,
        external_org_id,
        month,
        mrr,
        true as is_paying
    from organization_months
    where mrr > 0

)

select
    company_id,
    external_org_id,
    display_name,
    month,
    reporting_currency,
    mrr,
    is_paying
from {{ described('keep_paid_months', 'display_name', 'reporting_currency') }}
