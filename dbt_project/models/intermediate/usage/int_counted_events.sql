{{ config(materialized='view') }}
{% set columns = ['company_id', 'app_id', 'event_id', 'external_org_id', 'event', 'user_hash', 'path', 'client_session_id',
                  'environment', 'occurred_at', 'received_at'] -%}
-- depends_on: {{ ref('int_call_events') }}
with

events as (

    select * from {{ ref('stg_events') }}

),

{% if reads_calls() -%}
events_of_calls as (

    select * from {{ ref('int_call_events') }}
    where replaced_in is null

),

{% endif -%}

applications as (

    select * from {{ ref('stg_applications') }}

),

keep_production as (

    select
        {% for column in columns -%}
        {{ column }},
        {% endfor -%}
        ts_epoch,
        plan,
        cast(occurred_at as date) as occurred_on,
        cast(null as {{ dbt.type_string() }}) as group_id,
        cast(null as {{ dbt.type_string() }}) as account_source,
        cast(null as {{ dbt.type_string() }}) as sent_event,
        cast(null as {{ dbt.type_string() }}) as vendor
    from events
    where is_production and {{ is_plausible('occurred_at') }}
    {%- if reads_calls() %}

    union all

    select
        {% for column in columns -%}
        {{ "concat('call:', call_id) as event_id" if column == 'event_id' else column }},
        {% endfor -%}
        cast(null as bigint) as ts_epoch,
        cast(null as {{ dbt.type_string() }}) as plan,
        occurred_on,
        group_id,
        account_source,
        sent_event,
        vendor
    from events_of_calls
    {%- endif %}

),

keep_counted as (

    select
        events.*,
        events.path is not null and events.event in ('page_view', 'page') as is_page_view,
        applications.session_inference,
        applications.session_timeout_minutes
    from keep_production as events
    inner join applications
        on events.company_id = applications.company_id
        and events.app_id = applications.app_id

)

select * from keep_counted
