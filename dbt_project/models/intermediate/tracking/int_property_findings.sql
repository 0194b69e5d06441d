{{ config(
    materialized='incremental',
    unique_key=['company_id', 'app_id', 'event', 'property', 'issue', 'date_day'],
    pre_hook="{{ delete_days(['company_id', 'app_id', 'date_day'], 'int_tracking_days__this_run') }}",
) }}
{% set day = ['company_id', 'app_id', 'date_day'] -%}
{% set property = ['company_id', 'app_id', 'event_key', 'property'] -%}
{% set issues = {
    'property_near_miss': "not " ~ is_spelled('sent_property', 'property', 'also_sent_as'),
    'property_wrong_type': 'not is_replaced and not ' ~ has_type('value', 'type'),
    'property_not_allowed': 'allowed_values is not null and not is_replaced and ' ~ has_type('value', 'type')
    ~ ' and not ' ~ is_listed(json_text('value', '$'), 'allowed_values'),
    'property_not_hashed': "coalesce(rule = 'hashed', false) and " ~ has_type('value', 'type')
    ~ ' and not ' ~ is_sent_hash('value'),
} -%}
-- depends_on: {{ ref('int_tracking_days__this_run') }}
with

sent_properties as (

    select * from {{ ref('int_sent_properties__this_run') }}

),

planned as (

    select * from {{ ref('stg_planned_properties') }}

),

list_planned as (

    -- distinct: a property has several names
    select distinct {{ property | join(', ') }}, is_required from planned

),

{{ judge_properties('sent_properties') }},

match_properties as (

    select
        properties.*,
        planned.property,
        planned.type,
        planned.rule,
        planned.allowed_values,
        planned.also_sent_as,
        row_number() over (
            partition by properties.company_id, properties.app_id, properties.event_id, planned.property
            order by {{ spelling_order('properties.sent_property', 'planned.property', 'planned.also_sent_as') }}
        ) as place
    from judge_properties as properties
    inner join planned
        on properties.company_id = planned.company_id
        and properties.app_id = planned.app_id
        and properties.event_key = planned.event_key
        and properties.property_key = planned.name_key
    where {{ is_present('properties.value') }}

),

list_broken as (

    select
        {{ day | join(', ') }}, event, event_id, occurred_at, property,
        concat_ws(
            '|',
            {% for issue, condition in issues.items() -%}
            case when {{ condition }} then '{{ issue }}' end{{ ',' if not loop.last }}
            {% endfor -%}
        ) as issues
    from match_properties
    where place = 1

),

list_findings as (

    select {{ day | join(', ') }}, event, event_id, occurred_at, property, {{ split_rows('issues', '|') }} as issue from list_broken
    where issues <> ''

    union all

    select
        {% for column in day + ['event', 'event_id', 'occurred_at'] -%}
        events.{{ column }},
        {% endfor -%}
        list_planned.property,
        'property_missing' as issue
    from sent_properties as events
    inner join list_planned
        on events.company_id = list_planned.company_id and events.app_id = list_planned.app_id
        and events.event_key = list_planned.event_key
        and list_planned.is_required and not (events.has_account and list_planned.property = 'account_id')
    left join match_properties as found
        on events.company_id = found.company_id and events.app_id = found.app_id
        and events.event_id = found.event_id and list_planned.property = found.property and found.place = 1
    where events.sent_property is null and found.event_id is null

    union all

    select {{ day | join(', ') }}, event, event_id, occurred_at, sent_property as property, 'pii_in_property' as issue
    from judge_properties
    where is_personal

)

select
    {{ day | join(',\n    ') }},
    event,
    property,
    issue,
    {{ count_and_ends('event_id') }}
from list_findings
group by {{ day | join(', ') }}, event, property, issue
