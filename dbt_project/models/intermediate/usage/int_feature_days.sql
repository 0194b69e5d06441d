{{ config(materialized='incremental', pre_hook="{{ delete_days(['company_id', 'external_org_id', 'date_day']) }}") }}
{% set keys = ['company_id', 'external_org_id', 'date_day'] -%}
with

events as (

    {{ events_to_count(keys) }}

),

matches as (

    select * from {{ ref('int_feature_matches') }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}

),

count_uses as (

    select
        events.company_id,
        events.app_id,
        matches.feature_key,
        events.external_org_id,
        events.date_day,
        count(*) as events,
        count(distinct events.user_hash) as users,
        min(events.occurred_at) as first_used_at,
        max(events.occurred_at) as last_used_at
    from events
    inner join matches
        on events.company_id = matches.company_id
        and events.app_id = matches.app_id
        and events.event = matches.event
        and coalesce(events.path, '') = matches.path_or_empty
    group by events.company_id, events.app_id, matches.feature_key, events.external_org_id, events.date_day

),

leave_out_shared_users as (

    select
        count_uses.company_id,
        count_uses.app_id,
        count_uses.feature_key,
        count_uses.external_org_id,
        count_uses.date_day,
        count_uses.events,
        case when scopes.counts_users then count_uses.users end as active_users,
        count_uses.first_used_at,
        count_uses.last_used_at
    from count_uses
    inner join scopes
        on count_uses.company_id = scopes.company_id
        and count_uses.app_id = scopes.app_id

)

select * from leave_out_shared_users
