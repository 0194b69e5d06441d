{#-
    An event of a call may move to another organization, or be none any more, whenever a call, a group or an import
    explains it otherwise. So a build that continues the last one compares. What it replaces stays until the next build
    with its number (`replaced_in`): the days of both organizations are counted again.
-#}

{#- CTEs that end in `changed_rows`: rows that were not, or not so, in the table, and those that they replace. -#}
{% macro changed_rows(rows, key, columns) -%}
current_rows as (

    select * from {{ this }}
    where replaced_in is null

),

compare_rows as (

    select
        {%- for column in columns %}
        found.{{ column }},
        {%- endfor %}
        found.company_id is not null as is_found,
        {%- for column in columns %}
        current_rows.{{ column }} as current_{{ column }},
        {%- endfor %}
        current_rows.built_in as current_built_in
    from {{ rows }} as found
    full outer join current_rows
        on {% for column in key -%}
        found.{{ column }} = current_rows.{{ column }}{{ ' and ' if not loop.last }}
        {%- endfor %}
    where
        {%- for column in columns if column not in key %}
        {{ 'or ' if not loop.first }}found.{{ column }} is distinct from current_rows.{{ column }}
        {%- endfor %}

),

changed_rows as (

    select
        {{ columns | join(',\n        ') }},
        {{ build_number() }} as built_in,
        cast(null as bigint) as replaced_in
    from compare_rows
    where is_found

    union all

    select
        {%- for column in columns %}
        current_{{ column }} as {{ column }},
        {%- endfor %}
        current_built_in as built_in,
        {{ build_number() }} as replaced_in
    from compare_rows
    where current_built_in is not null

)
{%- endmacro %}


{#- Before a build: what an earlier one replaced. -#}
{% macro delete_replaced_calls() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} where replaced_in < {{ build_number() }}
    {%- endif -%}
{%- endmacro %}
