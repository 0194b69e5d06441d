{{ config(meta={'dagster': {'ref': {'name': 'tracking_plan_events'}}}) }}
-- Companies and applications in which the marts of tracking do not count what there is: each event once, tracked
-- users of all applications within the largest number of user ids and the sum, accounts with an event, six rules of quality.
with

events as (

    select company_id, app_id, count(*) as number from {{ ref('events') }}
    group by company_id, app_id

),

planned as (

    select company_id, app_id, sum(events) as number from {{ ref('tracking_plan_events') }}
    group by company_id, app_id

),

all_months as (

    select * from {{ ref('mtu_monthly') }}
    where app_id = 'all'

),

months as (

    -- User ids: an anonymous id of one application may be known by a call of another one.
    select company_id, month, max(tracked_users - anonymous_users) as largest, sum(tracked_users) as added
    from {{ ref('mtu_monthly') }}
    where app_id <> 'all'
    group by company_id, month

),

accounts as (

    select company_id, {{ start_of('month', 'date_day') }} as month, count(distinct external_org_id) as accounts
    from {{ ref('int_organization_event_days') }}
    where app_id = 'all' and events > 0
    group by company_id, {{ start_of('month', 'date_day') }}

),

quality as (

    select company_id, app_id, count(*) as number from {{ ref('telemetry_quality') }}
    group by company_id, app_id

)

select coalesce(events.company_id, planned.company_id) as company_id, planned.app_id, 'events' as rule
from events
full outer join planned on events.company_id = planned.company_id and events.app_id = planned.app_id
where coalesce(events.number, 0) <> coalesce(planned.number, 0)

union all

select all_months.company_id, 'all' as app_id, 'tracked users' as rule
from all_months
left join months on all_months.company_id = months.company_id and all_months.month = months.month
left join accounts on all_months.company_id = accounts.company_id and all_months.month = accounts.month
where
    not coalesce(all_months.tracked_users between months.largest and months.added, false)
    or all_months.accounts <> coalesce(accounts.accounts, 0)

union all

select scopes.company_id, scopes.app_id, 'six rules' as rule
from {{ ref('int_application_scopes') }} as scopes
left join quality on scopes.company_id = quality.company_id and scopes.app_id = quality.app_id
where quality.number is distinct from 6
