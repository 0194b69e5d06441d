{{ config(materialized='incremental', pre_hook="{{ delete_days(['company_id', 'app_id', 'date_day']) }}") }}
{% set keys = ['company_id', 'app_id', 'date_day'] -%}
with

events as (

    {{ events_to_count(keys) }}

),

page_paths as (

    select * from {{ ref('int_page_paths') }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}

),

count_page_views as (

    select
        events.company_id,
        events.app_id,
        coalesce(page_paths.page_path, events.path) as path,
        events.date_day,
        sum(case when events.is_page_view then 1 else 0 end) as page_views,
        count(distinct events.session_id) as sessions,
        count(distinct events.user_hash) as users,
        count(distinct events.external_org_id) as organizations
    from events
    left join page_paths
        on events.company_id = page_paths.company_id
        and events.app_id = page_paths.app_id
        and events.path = page_paths.path
    where events.path is not null
    group by
        events.company_id,
        events.app_id,
        coalesce(page_paths.page_path, events.path),
        events.date_day

),

{% for end, counts, day in [('entry', 'entries', 'entered_on'), ('exit', 'exits', 'exited_on')] -%}
count_{{ counts }} as (

    select
        sessions.company_id,
        sessions.app_id,
        coalesce(page_paths.page_path, sessions.{{ end }}_path) as path,
        sessions.date_day,
        count(*) as {{ counts }}
    from ({{ sessions_to_count(keys, day) }}) as sessions
    left join page_paths
        on sessions.company_id = page_paths.company_id
        and sessions.app_id = page_paths.app_id
        and sessions.{{ end }}_path = page_paths.path
    group by
        sessions.company_id,
        sessions.app_id,
        coalesce(page_paths.page_path, sessions.{{ end }}_path),
        sessions.date_day

),

{% endfor -%}
join_counts as (

    select
        count_page_views.company_id,
        count_page_views.app_id,
        count_page_views.path,
        count_page_views.date_day,
        cast(count_page_views.page_views as bigint) as page_views,
        count_page_views.sessions,
        case when scopes.counts_users then count_page_views.users end as active_users,
        count_page_views.organizations,
        coalesce(count_entries.entries, 0) as entries,
        coalesce(count_exits.exits, 0) as exits
    from count_page_views
    inner join scopes
        on count_page_views.company_id = scopes.company_id
        and count_page_views.app_id = scopes.app_id
    {%- for counts in ['count_entries', 'count_exits'] %}
    left join {{ counts }}
        on count_page_views.company_id = {{ counts }}.company_id
        and count_page_views.app_id = {{ counts }}.app_id
        and count_page_views.path = {{ counts }}.path
        and count_page_views.date_day = {{ counts }}.date_day
    {%- endfor %}

)

select * from join_counts
