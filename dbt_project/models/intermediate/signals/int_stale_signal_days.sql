{% set columns = ['company_id', 'external_org_id', 'date_day'] | join(', ') -%}
with

stale_organization_days as (

    select * from {{ ref('int_stale_organization_days') }}

),

stale_mrr_days as (

    select * from {{ ref('int_stale_mrr_days') }}

),

metrics as (

    select * from {{ ref('organization_metrics_daily') }}
    where app_id = 'all'

),

list_days as (

    select {{ columns }} from stale_organization_days

    union

    -- The priority of a signal depends on what the others of its company pay.
    select {{ columns }} from metrics
    where {{ among(['company_id', 'date_day'], 'stale_mrr_days') }}

)

select {{ columns }} from list_days
where {{ continues_last_build() | lower }}
