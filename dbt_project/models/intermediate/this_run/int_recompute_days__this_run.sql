{#- Which rows are of this build is only asked where it adds to others. -#}
{% set of_this_build = 'built_in = ' ~ build_number() ~ ' and ' ~ continues_last_build() | lower -%}
with

changed_days as (

    select * from {{ ref('int_changed_days__this_run') }}

),

session_events as (

    select * from {{ ref('int_session_events') }}
    where {{ of_this_build }}

),

sessions as (

    select * from {{ ref('int_sessions') }}
    where {{ of_this_build }}

),

list_days as (

    select company_id, app_id, external_org_id, occurred_on as date_day from changed_days

    union

    select company_id, app_id, external_org_id, occurred_on as date_day from session_events

    union

    -- What a session says of a day (its start, its pages) may change with an event of another day.
    select
        company_id,
        app_id,
        external_org_id,
        {{ day_rows('cast(started_at as date)', 'cast(ended_at as date)') }} as date_day
    from sessions

)

select * from list_days
