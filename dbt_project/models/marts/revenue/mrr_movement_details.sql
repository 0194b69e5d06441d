{{ config(materialized='view') }}
with

changes as (

    select * from {{ ref('int_subscription_month_changes') }}

),

organizations as (

    select * from {{ ref('stg_organizations') }}

)

select
    changes.company_id,
    changes.subscription_id,
    changes.month,
    changes.external_org_id,
    coalesce(organizations.display_name, changes.external_org_id) as display_name,
    changes.product_code,
    changes.currency,
    changes.opening_original,
    changes.closing_original,
    changes.opening_mrr,
    changes.closing_mrr,
    changes.mrr_change
from changes
left join organizations
    on changes.company_id = organizations.company_id
    and changes.external_org_id = organizations.external_org_id
