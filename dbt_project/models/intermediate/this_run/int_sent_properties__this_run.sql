{{ config(materialized=computed_once()) }}
{% set event = ['company_id', 'app_id', 'date_day', 'event', 'event_key', 'event_id', 'occurred_at', 'has_account'] | join(', ') -%}
{% set planned = ['company_id', 'app_id', 'event_key'] -%}
-- What properties of events break is judged in many steps, which read these rows again and again.
with

sent_events as (

    {{ events_with_properties() }}

),

pick_events as (

    select
        events.*,
        names.event_key,
        coalesce(names.event, events.event_name) as event
    from sent_events as events
    left join {{ ref('int_event_names') }} as names
        on events.company_id = names.company_id and events.app_id = names.app_id
        and events.sent_event = names.sent_event
    where
        (not events.is_automatic or names.is_planned)
        and (
            {{ regexp_matches('events.properties', "'" ~ personal_hint() ~ "'") }}
            or (events.company_id, events.app_id, names.event_key) in (select {{ planned | join(', ') }} from {{ ref('stg_planned_properties') }})
        )

),

list_properties as (

    select {{ event }}, {{ rows_of_object('properties') }} as property
    from pick_events
    where properties like {{ "'{%'" }}

)

select
    {{ event }},
    cast(null as {{ dbt.type_string() }}) as sent_property,
    cast(null as {{ dbt.type_string() }}) as value
from pick_events

union all

select
    {{ event }},
    (property).key as sent_property,
    cast((property).value as {{ dbt.type_string() }}) as value
from list_properties
