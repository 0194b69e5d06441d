{#-
    CTEs of a build that continues the last one: `replaced_sessions`, as stored, which reach over a changed day or get
    events of this build; `touched_sessions`, these and the new ones; `touched_days`, on which they have events.
-#}
{% macro touched_sessions() -%}
    {%- set changed_days = ref('int_changed_days__this_run') -%}
    {%- set events = ref('int_session_events') -%}
    {%- if is_incremental() -%}
    {%- set reach = first_and_last('select occurred_on from ' ~ changed_days) -%}
    {%- set day = 'company_id, app_id, external_org_id, occurred_on' -%}
new_events as (

    select company_id, session_id, occurred_on from {{ events }}
    where built_in = {{ build_number() }}

),

stored_days as (

    select
        company_id,
        app_id,
        external_org_id,
        session_id,
        {{ day_rows('cast(started_at as date)', 'cast(ended_at as date)') }} as occurred_on
    from {{ this }}
    where
        cast(ended_at as date) >= cast('{{ reach[0] }}' as date)
        and cast(started_at as date) <= cast('{{ reach[1] }}' as date)

),

touched_sessions as (

    select company_id, session_id from new_events

    union

    select company_id, session_id from stored_days
    where ({{ day }}) in (select {{ day }} from {{ changed_days }})

),

replaced_sessions as (

    select * from {{ this }}
    where {{ among(['company_id', 'session_id'], 'touched_sessions') }}

),

touched_days as (

    select occurred_on from new_events

    union

    select {{ day_rows('cast(started_at as date)', 'cast(ended_at as date)') }} as occurred_on
    from replaced_sessions

),
    {%- endif -%}
{%- endmacro %}
