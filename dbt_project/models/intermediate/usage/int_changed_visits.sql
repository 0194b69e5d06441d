with

changed_events as (

    select * from {{ ref('int_changed_events') }}
    where client_session_id is null and counts

),

applications as (

    select * from {{ ref('stg_applications') }}

),

find_times as (

    -- By day: a late event must not reach for all that its user did since.
    select
        company_id,
        app_id,
        external_org_id,
        environment,
        user_hash,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at
    from changed_events
    group by company_id, app_id, external_org_id, environment, user_hash, cast(occurred_at as date)

),

widen_times as (

    select
        find_times.company_id,
        find_times.app_id,
        find_times.external_org_id,
        find_times.environment,
        find_times.user_hash,
        {%- set margin = 'greatest(applications.session_timeout_minutes, 30)' %}
        {{ dbt.dateadd('minute', '-' ~ margin, 'find_times.first_at') }} as from_at,
        {{ dbt.dateadd('minute', margin, 'find_times.last_at') }} as until_at
    from find_times
    inner join applications
        on find_times.company_id = applications.company_id
        and find_times.app_id = applications.app_id

),

list_days as (

    select
        *,
        {{ day_rows('cast(from_at as date)', 'cast(until_at as date)') }} as date_day
    from widen_times

)

select * from list_days
