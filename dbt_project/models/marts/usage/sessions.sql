{{ config(
    materialized='incremental', unique_key=['company_id', 'session_id'], meta={'stale': 'int_replaced_events'}
) }}
with

events as (

    select * from {{ ref('int_session_events') }}
    {% if is_incremental() -%}
    where built_in = {{ build_number() }}
    {%- endif %}

),

gather_events as (

    select
        company_id,
        session_id,
        min(app_id) as app_id,
        min(external_org_id) as external_org_id,
        min(environment) as environment,
        {{ first_by('user_hash', 'event_number') }} as user_hash,
        count(distinct user_hash) as users,
        min(client_session_id) as client_session_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as events,
        sum(case when is_page_view then 1 else 0 end) as page_views,
        count(distinct path) as distinct_paths,
        {{ first_by('path', 'event_number') }} as entry_path,
        {{ last_by('path', 'event_number') }} as exit_path,
        {{ first_by('case when path is not null then occurred_on end', 'event_number') }} as entered_on,
        {{ last_by('case when path is not null then occurred_on end', 'event_number') }} as exited_on
    from events
    group by company_id, session_id

),

measure_sessions as (

    select
        company_id,
        session_id,
        app_id,
        external_org_id,
        environment,
        user_hash,
        cast(users as bigint) as users,
        client_session_id is null as is_inferred,
        ended_at > {{ dbt.dateadd('hour', 24, 'started_at') }} as is_overlong,
        client_session_id,
        started_at,
        ended_at,
        {{ seconds_between('started_at', 'ended_at') }} as duration_seconds,
        cast(events as bigint) as events,
        cast(page_views as bigint) as page_views,
        cast(distinct_paths as bigint) as distinct_paths,
        entry_path,
        exit_path,
        entered_on,
        exited_on
    from gather_events

)

select * from measure_sessions
order by cast(started_at as date)
