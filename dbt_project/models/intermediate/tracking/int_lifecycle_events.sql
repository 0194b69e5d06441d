{{ config(tags=['calls']) }}
{#- Properties that the lifecycle of accounts is read from, by event. -#}
{% set read = {
    'trial.started': ['trial_days', 'plan_trialing'],
    'trial.ended': ['converted', 'plan_selected'],
    'user.invited': ['invitation_id', 'invitee_email', 'invitee_role'],
    'user.joined': ['invitation_id', 'role'],
    'plan.upgraded': ['from_plan', 'to_plan'],
    'plan.downgraded': ['from_plan', 'to_plan'],
} -%}
{% set columns = read.values() | sum(start=[]) | unique | list -%}
{% set event = ['company_id', 'app_id', 'event_id'] -%}
with

names as (

    select company_id, app_id, sent_event, event, event_key from {{ ref('int_event_names') }}
    where event in ('{{ read | join("', '") }}')

),

events as (

    -- Of companies that send calls alone.
    select events.*, names.event as planned_event, names.event_key
    from {{ ref('int_session_events') }} as events
    inner join names
        on events.company_id = names.company_id and events.app_id = names.app_id and events.event = names.sent_event
    where
        events.company_id in (
            select days.company_id from {{ ref('int_call_days') }} as days
            where days.replaced_in is null
        )

),

contents as (

    select events.*, sent.properties, events.event_id as sent_id
    from events
    inner join {{ ref('stg_events') }} as sent
        on events.company_id = sent.company_id and events.app_id = sent.app_id and events.event_id = sent.event_id
    where
        events.vendor is null
        -- Few names are read of many events.
        and sent.event in (select names.sent_event from names)

    union all

    select events.*, sent.properties, sent.call_id as sent_id
    from events
    inner join ({{ counted_contents() }}) as sent
        on events.company_id = sent.company_id and events.app_id = sent.app_id
        and events.event_id = concat('call:', sent.call_id)
    where sent.kind = 'track' and sent.event in (select names.sent_event from names)

),

list_properties as (

    select {{ event | join(', ') }}, event_key, {{ rows_of_object('properties') }} as property from contents
    where properties like {{ "'{%'" }}

),

choose_values as (

    select
        {% for column in event -%}
        properties.{{ column }},
        {% endfor -%}
        coalesce(planned.property, {{ name_key('(properties.property).key') }}) as property,
        cast((properties.property).value as {{ dbt.type_string() }}) as value,
        row_number() over (
            partition by
                properties.{{ event | join(', properties.') }},
                coalesce(planned.property, {{ name_key('(properties.property).key') }})
            order by {{ spelling_order('(properties.property).key', 'planned.property', 'planned.also_sent_as') }}
        ) as place
    from list_properties as properties
    left join {{ ref('stg_planned_properties') }} as planned
        on properties.company_id = planned.company_id and properties.app_id = planned.app_id
        and properties.event_key = planned.event_key and {{ name_key('(properties.property).key') }} = planned.name_key
    where {{ is_present('cast((properties.property).value as ' ~ dbt.type_string() ~ ')') }}

),

gather_values as (

    select
        {{ event | join(', ') }},
        {% for column in columns -%}
        max(case when property = '{{ column }}' then value end) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from choose_values
    where place = 1
    group by {{ event | join(', ') }}

)

select
    contents.{{ event | join(',\n    contents.') }},
    contents.planned_event as event,
    contents.external_org_id,
    contents.user_hash,
    contents.path,
    contents.occurred_at,
    contents.received_at,
    contents.sent_id,
    {% for column in columns -%}
    found.{{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from contents
left join gather_values as found
    on contents.company_id = found.company_id and contents.app_id = found.app_id and contents.event_id = found.event_id
