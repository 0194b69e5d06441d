{{ config(
    materialized='incremental', unique_key=['company_id', 'session_id'], meta={'stale': 'int_replaced_events'}
) }}
{% set scope = ['company_id', 'app_id', 'external_org_id', 'environment'] -%}
{% set columns = ['event_id', 'event', 'path', 'client_session_id', 'plan', 'occurred_at', 'received_at', 'occurred_on',
                  'is_page_view', 'user_hash'] + scope -%}
{% set events = ref('int_events_to_group') -%}
with

visit_days as (

    -- A user has few visits in a day and many in a year: with the day as a key few pairs are looked at.
    select
        *,
        {{ day_rows('cast(started_at as date)', 'cast(ended_at as date)') }} as date_day
    from {{ ref('int_inferred_visits') }}

),

add_session_ids as (

    select
        {{ columns | join(', ') }},
        {{ derived_id(scope + ["'client'", 'client_session_id']) }} as session_id
    from {{ events }}
    where client_session_id is not null

    union all

    select
        {% for column in columns -%}
        events.{{ column }},
        {% endfor -%}
        visit_days.session_id
    from {{ events }} as events
    inner join visit_days
        on events.company_id = visit_days.company_id
        and events.app_id = visit_days.app_id
        and events.external_org_id = visit_days.external_org_id
        and events.environment = visit_days.environment
        and events.user_hash = visit_days.user_hash
        and events.occurred_on = visit_days.date_day
        and events.occurred_at between visit_days.started_at and visit_days.ended_at
    where events.client_session_id is null

)

select
    company_id,
    app_id,
    event_id,
    external_org_id,
    event,
    user_hash,
    path,
    client_session_id,
    environment,
    plan,
    occurred_at,
    received_at,
    occurred_on,
    is_page_view,
    session_id,
    {{ build_number() }} as built_in
from add_session_ids
