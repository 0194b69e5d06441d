{{ config(tags=['calls'], meta={'dagster': {'ref': {'name': 'trials'}}}) }}
-- Companies some of whose ends of trials are not in one trial each, or whose joins are not in one invitation each.
with

lifecycle as (

    select events.company_id, events.event, count(*) as number from {{ ref('int_lifecycle_events') }} as events
    inner join {{ ref('stg_applications') }} as applications
        on events.company_id = applications.company_id and events.app_id = applications.app_id
    where events.event = 'trial.ended' or (events.event = 'user.joined' and applications.identity_mode = 'user')
    group by events.company_id, events.event

),

found as (

    select company_id, 'trial.ended' as event, count(*) as number from {{ ref('trials') }}
    where ended_at is not null
    group by company_id

    union all

    select company_id, 'user.joined' as event, count(*) as number from {{ ref('invitations') }}
    where joined_at is not null
    group by company_id

)

select coalesce(lifecycle.company_id, found.company_id) as company_id, coalesce(lifecycle.event, found.event) as event
from lifecycle
full outer join found on lifecycle.company_id = found.company_id and lifecycle.event = found.event
where coalesce(lifecycle.number, 0) <> coalesce(found.number, 0)
