with

event_days as (

    select * from {{ ref('int_organization_event_days') }}

),

events as (

    select * from {{ ref('int_session_events') }}
    where plan is not null

),

find_plans as (

    -- Of two labels of the same moment the first by text.
    select
        company_id,
        external_org_id,
        {{ first_by('plan', record({'age': '-' ~ timestamp_to_micros('occurred_at'), 'plan': 'plan'})) }} as plan
    from events
    group by company_id, external_org_id

),

summarize_events as (

    select
        company_id,
        external_org_id,
        cast(sum(events) as bigint) as events,
        min(first_event_at) as first_seen_at,
        max(last_event_at) as last_seen_at
    from event_days
    where app_id = 'all'
    group by company_id, external_org_id

)

select
    summarize_events.*,
    find_plans.plan
from summarize_events
left join find_plans
    on summarize_events.company_id = find_plans.company_id
    and summarize_events.external_org_id = find_plans.external_org_id
