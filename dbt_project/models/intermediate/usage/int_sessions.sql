{{ config(materialized='incremental', unique_key=['company_id', 'session_id'], post_hook="{{ delete_replaced() }}") }}
{#- Events of one moment have this order everywhere. -#}
{% set page = record({'moment': moment_in_order(), 'event': 'event', 'path': 'path'}) -%}
{% set columns = [
    'company_id', 'session_id', 'app_id', 'external_org_id', 'environment', 'user_hash', 'users', 'is_inferred',
    'is_overlong', 'client_session_id', 'started_at', 'ended_at', 'duration_seconds', 'events', 'page_views',
    'distinct_paths', 'entry_path', 'exit_path', 'entered_on', 'exited_on',
] -%}
{% set events = ref('int_session_events') -%}
{% set touched = '(company_id, session_id) in (select company_id, session_id from touched_sessions)'
    ~ ' and occurred_on in (select occurred_on from touched_days)' if is_incremental() else 'true' -%}
with

{{ touched_sessions() }}

gather_events as (

    select
        company_id,
        session_id,
        min(app_id) as app_id,
        min(external_org_id) as external_org_id,
        min(environment) as environment,
        min(user_hash) as user_hash,
        max(user_hash) as other_user_hash,
        min(client_session_id) as client_session_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as events,
        sum(case when is_page_view then 1 else 0 end) as page_views,
        count(distinct path) as distinct_paths,
        min(case when path is not null then {{ page }} end) as entry_page,
        max(case when path is not null then {{ page }} end) as exit_page
    from {{ events }}
    where {{ touched }}
    group by company_id, session_id

),

shared_sessions as (

    select
        company_id,
        session_id
    from gather_events
    where user_hash <> other_user_hash

),

count_users as (

    -- Few sessions have several users, and to count and order all of them takes a third longer.
    select
        company_id,
        session_id,
        count(distinct user_hash) as users,
        min({{ record({
            'moment': moment_in_order(), 'event': 'event', 'path': "coalesce(path, '')", 'user_hash': 'user_hash',
        }) }}) as first_event
    from {{ events }}
    where
        {{ touched }}
        and {{ among(['company_id', 'session_id'], 'shared_sessions') }}
    group by company_id, session_id

),

measure_sessions as (

    select
        gather_events.company_id,
        gather_events.session_id,
        gather_events.app_id,
        gather_events.external_org_id,
        gather_events.environment,
        coalesce((count_users.first_event).user_hash, gather_events.user_hash) as user_hash,
        cast(coalesce(count_users.users, 1) as bigint) as users,
        gather_events.client_session_id is null as is_inferred,
        gather_events.ended_at > {{ dbt.dateadd('hour', 24, 'gather_events.started_at') }} as is_overlong,
        gather_events.client_session_id,
        gather_events.started_at,
        gather_events.ended_at,
        {{ seconds_between('gather_events.started_at', 'gather_events.ended_at') }} as duration_seconds,
        cast(gather_events.events as bigint) as events,
        cast(gather_events.page_views as bigint) as page_views,
        cast(gather_events.distinct_paths as bigint) as distinct_paths,
        (gather_events.entry_page).path as entry_path,
        (gather_events.exit_page).path as exit_path,
        cast((gather_events.entry_page).moment as date) as entered_on,
        cast((gather_events.exit_page).moment as date) as exited_on
    from gather_events
    left join count_users
        on gather_events.company_id = count_users.company_id
        and gather_events.session_id = count_users.session_id

)

select
    {{ columns | join(',\n    ') }},
    {{ build_number() }} as built_in
from measure_sessions
{%- if is_incremental() %}

union all

select
    {{ columns | join(',\n    ') }},
    null as built_in
from replaced_sessions
{%- else %}
order by cast(started_at as date)
{%- endif %}
