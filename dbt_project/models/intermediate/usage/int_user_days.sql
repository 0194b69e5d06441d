{{ config(materialized='incremental', pre_hook="{{ delete_days(['company_id', 'external_org_id', 'date_day']) }}") }}
{% set keys = ['company_id', 'external_org_id', 'date_day'] -%}
with

events as (

    {{ events_to_count(keys) }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}

),

list_user_days as (

    -- distinct: a user's many events of a day are one active day; users shared by an organization are left out
    select distinct
        events.company_id,
        events.app_id,
        events.external_org_id,
        events.user_hash,
        events.date_day
    from events
    inner join scopes
        on events.company_id = scopes.company_id
        and events.app_id = scopes.app_id
    where scopes.counts_users

)

select * from list_user_days
