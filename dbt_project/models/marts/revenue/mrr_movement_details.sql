{{ config(materialized='view') }}
with

changes as (

    select * from {{ ref('int_subscription_month_changes') }}

)

select
    company_id,
    subscription_id,
    month,
    external_org_id,
    display_name,
    reporting_currency,
    product_code,
    currency,
    opening_original,
    closing_original,
    opening_mrr,
    closing_mrr,
    mrr_change
from {{ described('changes', 'display_name', 'reporting_currency') }}
