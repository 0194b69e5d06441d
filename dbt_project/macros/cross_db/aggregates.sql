{#- The first value of a group by an order; values that are null are passed over. -#}
{% macro first_by(value, order) -%}
    {{ return(adapter.dispatch('first_by', 'saas_tracker')(value, order)) }}
{%- endmacro %}

{% macro default__first_by(value, order) -%}
    arg_min({{ value }}, case when {{ value }} is not null then {{ order }} end)
{%- endmacro %}

{% macro spark__first_by(value, order) -%}
    min_by({{ value }}, case when {{ value }} is not null then {{ order }} end)
{%- endmacro %}


{#- Several values as one, compared field by field in their order; `(<name>).<field>` reads one. -#}
{% macro record(fields) -%}
    {{ return(adapter.dispatch('record', 'saas_tracker')(fields)) }}
{%- endmacro %}

{% macro default__record(fields) -%}
    struct_pack(
    {%- for name, value in fields.items() -%}
        {{ name }} := {{ value }}{{ ', ' if not loop.last }}
    {%- endfor -%}
    )
{%- endmacro %}

{% macro spark__record(fields) -%}
    named_struct(
    {%- for name, value in fields.items() -%}
        '{{ name }}', {{ value }}{{ ', ' if not loop.last }}
    {%- endfor -%}
    )
{%- endmacro %}


{#- As a window function: the last, or the first, value of the window that is known. -#}
{% macro last_known(value) -%}
    {{ return(adapter.dispatch('last_known', 'saas_tracker')(value)) }}
{%- endmacro %}

{% macro default__last_known(value) -%}
    last_value({{ value }} ignore nulls)
{%- endmacro %}

{% macro spark__last_known(value) -%}
    last_value({{ value }}, true)
{%- endmacro %}


{% macro first_known(value) -%}
    {{ return(adapter.dispatch('first_known', 'saas_tracker')(value)) }}
{%- endmacro %}

{% macro default__first_known(value) -%}
    first_value({{ value }} ignore nulls)
{%- endmacro %}

{% macro spark__first_known(value) -%}
    first_value({{ value }}, true)
{%- endmacro %}
