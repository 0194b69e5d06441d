{% set keys = ['company_id', 'app_id', 'date_day'] -%}
{{ config(materialized='incremental', unique_key=keys, meta={'stale': 'int_stale_event_days'}) }}
with

events as (

    {{ events_to_count(keys) }}

),

entered_sessions as (

    {{ sessions_to_count(keys, 'entered_on') }}

),

left_sessions as (

    {{ sessions_to_count(keys, 'exited_on') }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}

),

count_visits as (

    select
        company_id,
        app_id,
        path,
        date_day,
        sum(case when is_page_view then 1 else 0 end) as page_views,
        count(distinct session_id) as sessions,
        count(distinct user_hash) as users,
        count(distinct external_org_id) as organizations
    from events
    where path is not null
    group by company_id, app_id, path, date_day

),

count_entries as (

    select
        company_id,
        app_id,
        entry_path as path,
        date_day,
        count(*) as entries
    from entered_sessions
    group by company_id, app_id, entry_path, date_day

),

count_exits as (

    select
        company_id,
        app_id,
        exit_path as path,
        date_day,
        count(*) as exits
    from left_sessions
    group by company_id, app_id, exit_path, date_day

),

join_counts as (

    select
        count_visits.company_id,
        count_visits.app_id,
        count_visits.path,
        count_visits.date_day,
        cast(count_visits.page_views as bigint) as page_views,
        count_visits.sessions,
        case when scopes.counts_users then count_visits.users end as active_users,
        count_visits.organizations,
        coalesce(count_entries.entries, 0) as entries,
        coalesce(count_exits.exits, 0) as exits
    from count_visits
    inner join scopes
        on count_visits.company_id = scopes.company_id
        and count_visits.app_id = scopes.app_id
    {%- for counts in ['count_entries', 'count_exits'] %}
    left join {{ counts }}
        on count_visits.company_id = {{ counts }}.company_id
        and count_visits.app_id = {{ counts }}.app_id
        and count_visits.path = {{ counts }}.path
        and count_visits.date_day = {{ counts }}.date_day
    {%- endfor %}

)

select * from join_counts
