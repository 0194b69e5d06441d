{{ config(materialized='view') }}
{% set columns = ['company_id', 'app_id', 'event_id', 'external_org_id', 'event', 'user_hash', 'path',
                  'client_session_id', 'environment', 'plan', 'occurred_at', 'received_at'] | join(', ') -%}
{% set changed_events = ref('int_changed_events') -%}
{% set replaced_events = ref('int_replaced_events') -%}
with

events as (

    select * from {{ ref('stg_events') }}

),

applications as (

    select * from {{ ref('stg_applications') }}

),

select_events as (

    {% if continues_last_build() -%}
    select {{ columns }} from {{ changed_events }}
    where counts

    union all

    select {{ columns }} from {{ replaced_events }}
    where not {{ among(['company_id', 'app_id', 'event_id'], changed_events) }}
    {%- else -%}
    select {{ columns }} from events
    where
        is_production
        and occurred_at < cast({{ add_days(as_of_date(), 1) }} as timestamp)
    {%- endif %}

),

add_rules as (

    select
        select_events.*,
        cast(select_events.occurred_at as date) as occurred_on,
        select_events.path is not null and select_events.event in ('page_view', 'page') as is_page_view,
        applications.session_inference,
        applications.session_timeout_minutes
    from select_events
    inner join applications
        on select_events.company_id = applications.company_id
        and select_events.app_id = applications.app_id

)

select * from add_rules
