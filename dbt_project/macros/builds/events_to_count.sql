{#-
    The events behind the rows that an incremental model counts in this build: all of them in a build from scratch,
    the events of the days to count again where it continues the last one. `keys` is the model's unique key; the day of an event is
    `date_day`.
-#}
{% macro events_to_count(keys) -%}
    {%- set all_events = ref('int_session_events') -%}
    {%- set events_to_count = ref('int_events_to_count__this_run') -%}
    {%- set days = ref('int_recompute_days__this_run') -%}
    {%- if is_incremental() -%}
    select * from {{ events_to_count }}
    where {{ among(keys, days) }}
    {%- else -%}
    select
        *,
        occurred_on as date_day
    from {{ all_events }}
    {%- endif -%}
{%- endmacro %}


{#- The sessions that began (or, by `day`, were entered or left) on those days. -#}
{% macro sessions_to_count(keys, day) -%}
    {%- set sessions = ref('int_sessions') -%}
    {%- set days = ref('int_recompute_days__this_run') -%}
    select * from (
        select
            *,
            {{ day }} as date_day
        from {{ sessions }}
    ) as sessions_by_day
    where
        date_day is not null
        {%- if is_incremental() %}
        and {{ among(keys, days) }}
        {%- endif %}
{%- endmacro %}
