-- Names are few, events are many: what the tracking plan says is looked up once per name.
-- depends_on: {{ source('raw', 'calls') }}
with

plan as (

    select * from {{ ref('stg_tracking_plan') }}

),

list_names as (

    -- distinct: a name has a row for each of its paths
    select distinct company_id, app_id, event as sent_event from {{ ref('int_event_paths') }}
    {%- if reads_calls() %}

    union

    select company_id, app_id, event as sent_event from {{ source('raw', 'calls') }}
    where kind = 'track'
    {%- endif %}

),

key_names as (

    select
        *,
        {{ name_key('sent_event') }} as name_key
    from list_names

)

select
    names.company_id,
    names.app_id,
    names.sent_event,
    coalesce(plan.event, names.sent_event) as event,
    plan.event is not null as is_planned,
    plan.event is not null and not {{ is_spelled('names.sent_event', 'plan.event', 'plan.also_sent_as') }} as is_near_miss,
    plan.category,
    plan.group_level,
    plan.requirement,
    case when plan.event is not null then {{ name_key('plan.event') }} end as event_key
from key_names as names
left join plan
    on names.company_id = plan.company_id
    and names.app_id = plan.app_id
    and names.name_key = plan.name_key
