{#-
    An event of a call may move to another organization, or be none any more, whenever a call, a group or an import
    explains it otherwise. So a build that continues the last one compares. What it replaces stays until the next build
    with its number (`replaced_in`): the days of both organizations are counted again.
-#}

{#- CTEs that end in `changed_events`: events that were not, or not so, in the table, and those that they replace. -#}
{% macro changed_call_events(events, columns) -%}
{%- set call = ['company_id', 'app_id', 'call_id'] -%}
current_events as (

    select * from {{ this }}
    where replaced_in is null

),

compare_events as (

    select
        {%- for column in columns %}
        events.{{ column }},
        {%- endfor %}
        events.call_id is not null as is_event,
        {%- for column in columns %}
        current_events.{{ column }} as current_{{ column }},
        {%- endfor %}
        current_events.built_in as current_built_in
    from {{ events }} as events
    full outer join current_events
        on events.company_id = current_events.company_id
        and events.app_id = current_events.app_id
        and events.call_id = current_events.call_id
    where
        {%- for column in columns if column not in call %}
        {{ 'or ' if not loop.first }}events.{{ column }} is distinct from current_events.{{ column }}
        {%- endfor %}

),

changed_events as (

    select
        {{ columns | join(',\n        ') }},
        {{ build_number() }} as built_in,
        cast(null as bigint) as replaced_in
    from compare_events
    where is_event

    union all

    select
        {%- for column in columns %}
        current_{{ column }} as {{ column }},
        {%- endfor %}
        current_built_in as built_in,
        {{ build_number() }} as replaced_in
    from compare_events
    where current_built_in is not null

)
{%- endmacro %}


{#- Before a build: what an earlier one replaced. -#}
{% macro delete_replaced_calls() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where replaced_in < {{ build_number() }}
    {%- endif -%}
{%- endmacro %}
