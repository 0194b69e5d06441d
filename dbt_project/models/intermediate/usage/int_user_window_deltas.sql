with

events as (

    select * from {{ ref('int_session_events') }}

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
        events.occurred_on as date_day
    from events
    inner join scopes
        on events.company_id = scopes.company_id
        and events.app_id = scopes.app_id
    where scopes.counts_users

),

list_active_days as (

    select company_id, app_id, external_org_id, user_hash, date_day
    from list_user_days

    union all

    -- distinct: a user of two applications is one user of the company
    select distinct company_id, 'all' as app_id, external_org_id, user_hash, date_day
    from list_user_days

),

{{ covering_deltas('list_active_days', 'user_hash', [7, 30]) }}

select
    company_id,
    app_id,
    external_org_id,
    date_day,
    entities as active_users,
    delta_7d as active_users_7d_delta,
    delta_30d as active_users_30d_delta
from sum_by_day
