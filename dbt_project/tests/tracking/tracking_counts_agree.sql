{{ config(meta={'dagster': {'ref': {'name': 'tracking_plan_events'}}}) }}
-- Companies and applications in which the marts of tracking do not count what there is: each event and each usage call
-- once, tracked users of all applications within the largest number of user ids and the sum, accounts with an event, six
-- rules of quality.
with

count_sent as (

    select company_id, app_id, count(*) as events, count(case when vendor is null then 1 end) as calls from {{ ref('events') }}
    group by company_id, app_id
    {%- if reads_calls() or not execute %}

    union all

    select company_id, app_id, 0 as events, count(*) as calls from {{ ref('stg_calls') }}
    where kind in ({{ usage_kinds() }})
    group by company_id, app_id
    {%- endif %}

    union all

    select company_id, app_id, -sum(events) as events, -sum(calls) as calls from {{ ref('tracking_plan_events') }}
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

select company_id, app_id, 'events' as rule from count_sent
group by company_id, app_id
having sum(events) <> 0 or sum(calls) <> 0

union all

select coalesce(all_months.company_id, months.company_id) as company_id, 'all' as app_id, 'tracked users' as rule
from all_months
full outer join months on all_months.company_id = months.company_id and all_months.month = months.month
left join accounts on all_months.company_id = accounts.company_id and all_months.month = accounts.month
where
    not coalesce(all_months.tracked_users between months.largest and months.added, false)
    or all_months.accounts <> coalesce(accounts.accounts, 0)

union all

select scopes.company_id, scopes.app_id, 'six rules' as rule
from {{ ref('int_application_scopes') }} as scopes
left join quality on scopes.company_id = quality.company_id and scopes.app_id = quality.app_id
where quality.number is distinct from 6
