-- depends_on: {{ ref('int_mrr_ranges') }}
with

changes as (

    select * from {{ ref('int_organization_mrr_changes') }}

)

select
    company_id,
    external_org_id,
    date_day,
    mrr_change
from changes
