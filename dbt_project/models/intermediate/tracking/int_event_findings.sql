{% set event = ['company_id', 'app_id', 'event', 'sent_event', 'date_day'] | join(', ') -%}
{% set counted = ['occurrences', 'first_seen_at', 'last_seen_at', 'example_id'] | join(', ') -%}
-- depends_on: {{ ref('int_call_findings') }}
with

flat_days as (

    select company_id, app_id, event as sent_event, date_day, {{ counted }} from {{ ref('int_flat_event_days') }}

),

names as (

    select * from {{ ref('int_event_names') }}

),

list_findings as (

    select
        flat_days.*,
        names.event,
        false as is_call,
        'sent' as finding,
        flat_days.sent_event in ('page_view', 'page', 'screen_view') as is_page
    from flat_days
    inner join names
        on flat_days.company_id = names.company_id and flat_days.app_id = names.app_id
        and flat_days.sent_event = names.sent_event
    {%- if reads_calls() %}

    union all

    select
        company_id, app_id, sent_event, date_day, {{ counted }}, event, true as is_call, finding, sent_event is null as is_page
    from {{ ref('int_call_findings') }}
    {%- endif %}

),

add_plan as (

    select
        findings.*,
        coalesce(names.is_planned, false) as is_in_plan,
        coalesce(names.is_near_miss, false) as is_near_miss
    from list_findings as findings
    left join names
        on findings.company_id = names.company_id and findings.app_id = names.app_id
        and findings.sent_event = names.sent_event

),

list_named as (

    select {{ event }}, is_call, finding, is_in_plan or is_page as is_planned, {{ counted }} from add_plan

    union all

    -- How the name is spelled is an issue of its own.
    select
        {{ event }}, is_call, case when is_near_miss then 'near_miss' else 'unplanned' end as finding,
        is_in_plan as is_planned, {{ counted }}
    from add_plan
    where finding = 'sent' and (is_near_miss or not (is_in_plan or is_page))

)

select * from list_named
