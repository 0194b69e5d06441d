{#- The materialization of a model that a statement reads many times: DuckDB computes what a CTE reads once, and a table
    would cost more. Spark computes a view, and a CTE, wherever it is named. -#}
{% macro computed_once() -%}
    {{ return(adapter.dispatch('computed_once', 'saas_tracker')()) }}
{%- endmacro %}

{% macro default__computed_once() -%}
    {{ return('view') }}
{%- endmacro %}

{% macro spark__computed_once() -%}
    {{ return('table') }}
{%- endmacro %}
