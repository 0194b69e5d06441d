{#-
    The events behind the rows that an incremental model counts in this build: all of them in a build from scratch,
    those of the stale days where it continues the last one. `keys` is the model's unique key; the day of an event is
    `date_day`.
-#}
{% macro events_to_count(keys) -%}
    {%- set all_events = ref('int_session_events') -%}
    {%- set events_of_stale_days = ref('int_events_of_stale_days') -%}
    {%- set stale_days = ref('int_stale_event_days') -%}
    {%- if is_incremental() -%}
    select * from {{ events_of_stale_days }}
    where {{ among(keys, stale_days) }}
    {%- else -%}
    select
        *,
        occurred_on as date_day
    from {{ all_events }}
    {%- endif -%}
{%- endmacro %}


{#- The sessions that began (or, by `day`, were entered or left) on those days. -#}
{% macro sessions_to_count(keys, day) -%}
    {%- set sessions = ref('sessions') -%}
    {%- set stale_days = ref('int_stale_event_days') -%}
    select * from (
        select
            *,
            {{ day }} as date_day
        from {{ sessions }}
    ) as sessions_by_day
    where
        date_day is not null
        {%- if is_incremental() %}
        and {{ among(keys, stale_days) }}
        {%- endif %}
{%- endmacro %}
