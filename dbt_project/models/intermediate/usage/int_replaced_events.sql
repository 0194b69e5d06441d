{% set scope = ['company_id', 'app_id', 'external_org_id', 'environment'] -%}
{% set keys = ['company_id', 'app_id', 'event_id'] -%}
{#- Named where it is read: an engine may keep a copy of a CTE that is read several times. -#}
{% set stored_events = as_last_built('int_session_events') -%}
{% set changed = ref('int_changed_events') -%}
{% set changed_visits = ref('int_changed_visits') -%}
with

changed_events as (

    select * from {{ changed }}
    where counts

),

{% if continues_last_build() -%}
sent_again as (

    select * from {{ changed }}
    where is_sent_again

),

visits as (

    select * from {{ changed_visits }}

),

stored_sessions as (

    select * from {{ as_last_built('sessions') }}

),

near_events as (

    select * from {{ stored_events }}
    where
        occurred_on in (select date_day from visits)
        and client_session_id is null

),

list_sessions as (

    select
        company_id,
        {{ derived_id(scope + ["'client'", 'client_session_id']) }} as session_id
    from changed_events
    where client_session_id is not null

    union

    select near_events.company_id, near_events.session_id
    from near_events
    inner join visits
        on near_events.company_id = visits.company_id
        and near_events.app_id = visits.app_id
        and near_events.external_org_id = visits.external_org_id
        and near_events.environment = visits.environment
        and near_events.user_hash = visits.user_hash
        and near_events.occurred_on = visits.date_day
        and near_events.occurred_at between visits.from_at and visits.until_at

    union

    -- Where an event was that now lies elsewhere, or counts no more.
    select company_id, session_id from {{ stored_events }}
    where {{ among(keys, 'sent_again') }}

),

list_days as (

    select {{ day_rows('cast(started_at as date)', 'cast(ended_at as date)') }} as date_day
    from stored_sessions
    where {{ among(['company_id', 'session_id'], 'list_sessions') }}

)

select * from {{ stored_events }}
where
    occurred_on in (select date_day from list_days)
    and {{ among(['company_id', 'session_id'], 'list_sessions') }}
{%- else -%}
replaced_nothing as (

    -- A build from scratch makes all sessions.
    select
        *,
        cast(null as {{ dbt.type_string() }}) as session_id,
        cast(occurred_at as date) as occurred_on
    from changed_events
    where false

)

select * from replaced_nothing
{%- endif %}
