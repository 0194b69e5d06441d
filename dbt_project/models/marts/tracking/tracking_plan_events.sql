{% set event = ['company_id', 'app_id', 'event'] -%}
{% set most_spellings = 10 -%}
with

findings as (

    select * from {{ ref('int_event_findings') }}
    where finding in ('sent', 'unattributed', 'automatic')

),

plan as (

    -- distinct: an event has several names
    select distinct {{ event | join(', ') }}, category, group_level, requirement from {{ ref('stg_tracking_plan') }}

),

count_events as (

    select
        {{ event | join(', ') }},
        -- What is planned in one of its ways is planned; automatic is what never comes otherwise.
        case
            when max(case when is_planned then 1 else 0 end) = 1 then 'planned'
            when max(case when finding = 'automatic' then 0 else 1 end) = 1 then 'unplanned'
            else 'automatic'
        end as status,
        cast(sum(case when finding <> 'unattributed' then occurrences else 0 end) as bigint) as calls,
        cast(sum(case when finding = 'unattributed' then occurrences else 0 end) as bigint) as unattributed,
        cast(sum(case when finding = 'sent' then occurrences when finding = 'unattributed' then -occurrences else 0 end) as bigint)
            as events,
        cast(sum(case when finding <> 'unattributed' and {{ within_windows('date_day') }} then occurrences else 0 end) as bigint)
            as calls_30d,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from findings
    group by {{ event | join(', ') }}

),

rank_spellings as (

    select *, row_number() over (partition by {{ event | join(', ') }} order by sent_event) as place
    -- distinct: an event is sent by one name on many days
    from (
        select distinct {{ event | join(', ') }}, sent_event from findings
        where sent_event is not null
    ) as spellings

),

list_spellings as (

    select {{ event | join(', ') }}, {{ sorted_list('sent_event') }} as sent_as from rank_spellings
    where place <= {{ most_spellings }}
    group by {{ event | join(', ') }}

),

join_plan as (

    select
        coalesce(events.company_id, plan.company_id) as company_id,
        coalesce(events.app_id, plan.app_id) as app_id,
        coalesce(events.event, plan.event) as event,
        coalesce(events.status, 'never_seen') as status,
        coalesce(plan.category, case when events.status = 'planned' then 'page' end) as category,
        plan.group_level,
        plan.requirement,
        coalesce(events.calls, 0) as calls,
        coalesce(events.events, 0) as events,
        coalesce(events.unattributed, 0) as unattributed,
        coalesce(events.calls_30d, 0) as calls_30d,
        events.first_seen_at,
        events.last_seen_at
    from count_events as events
    full outer join plan
        on events.company_id = plan.company_id and events.app_id = plan.app_id and events.event = plan.event
    where events.event is not null or plan.requirement = 'required'

)

select
    planned.{{ event | join(',\n    planned.') }},
    planned.status,
    planned.category,
    planned.group_level,
    planned.requirement,
    planned.calls,
    planned.events,
    planned.unattributed,
    planned.calls_30d,
    {{ ratio('planned.calls_30d', 'sum(planned.calls_30d) over (partition by planned.company_id, planned.app_id)') }} as share_30d,
    list_spellings.sent_as,
    planned.first_seen_at,
    planned.last_seen_at,
    {{ as_of_date() }} as as_of_date
from join_plan as planned
left join list_spellings
    on planned.company_id = list_spellings.company_id
    and planned.app_id = list_spellings.app_id
    and planned.event = list_spellings.event
