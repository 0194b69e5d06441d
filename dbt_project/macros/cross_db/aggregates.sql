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


{#- The last value of a group by an order; values that are null are passed over. -#}
{% macro last_by(value, order) -%}
    {{ return(adapter.dispatch('last_by', 'saas_tracker')(value, order)) }}
{%- endmacro %}

{% macro default__last_by(value, order) -%}
    arg_max({{ value }}, case when {{ value }} is not null then {{ order }} end)
{%- endmacro %}

{% macro spark__last_by(value, order) -%}
    max_by({{ value }}, case when {{ value }} is not null then {{ order }} end)
{%- endmacro %}
