{% set day = ['company_id', 'app_id', 'external_org_id', 'occurred_on'] -%}
{{ config(
    materialized='incremental',
    unique_key=['company_id', 'app_id', 'event_id', 'occurred_on'],
    pre_hook="{{ delete_days(['company_id', 'app_id', 'external_org_id', 'occurred_on'], 'int_changed_days__this_run') }}",
) }}
{% set scope = ['company_id', 'app_id', 'external_org_id', 'environment'] -%}
{% set columns = ['event_id', 'event', 'path', 'client_session_id', 'plan', 'occurred_at', 'received_at', 'occurred_on',
                  'is_page_view', 'user_hash', 'group_id', 'account_source', 'sent_event', 'vendor'] + scope -%}
{% set events = ref('int_counted_events') -%}
{% set sessions = ref('int_inferred_sessions') -%}
{% set changed_days = ref('int_changed_days__this_run') -%}
{% if is_incremental() -%}
    {% set of_this_build = 'built_in = ' ~ build_number() -%}
    {% set reach = first_and_last(
        'select occurred_on from ' ~ changed_days
        ~ ' union all select cast(started_at as date) from ' ~ sessions ~ ' where ' ~ of_this_build
        ~ ' union all select cast(ended_at as date) from ' ~ sessions ~ ' where ' ~ of_this_build
    ) -%}
{% endif -%}
with

session_days as (

    -- A user has few sessions in a day and many in a year: with the day as a key few pairs are looked at.
    select
        *,
        {{ day_rows('cast(started_at as date)', 'cast(ended_at as date)') }} as occurred_on
    from {{ sessions }}
    {% if is_incremental() -%}
    where {{ of_this_build }}
    {%- endif %}

),

add_session_ids as (

    select
        {{ columns | join(', ') }},
        {{ derived_id(scope + ["'client'", 'client_session_id']) }} as session_id
    from {{ events }}
    where
        client_session_id is not null
        {%- if is_incremental() %}
        and {{ occurred_within(reach) }}
        and {{ among(day, changed_days) }}
        {%- endif %}

    union all

    select
        {% for column in columns -%}
        events.{{ column }},
        {% endfor -%}
        session_days.session_id
    from {{ events }} as events
    inner join session_days
        on events.company_id = session_days.company_id
        and events.app_id = session_days.app_id
        and events.external_org_id = session_days.external_org_id
        and events.environment = session_days.environment
        and events.user_hash = session_days.user_hash
        and events.occurred_on = session_days.occurred_on
        and events.occurred_at between session_days.started_at and session_days.ended_at
    where
        events.client_session_id is null
        {%- if is_incremental() %}
        and {{ occurred_within(reach, 'events.') }}
        {%- endif %}

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
    group_id,
    account_source,
    sent_event,
    vendor,
    {{ build_number() }} as built_in
from add_session_ids
