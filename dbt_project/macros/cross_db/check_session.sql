{#- Refuses to build where the engine is set to compute otherwise than the models rely on. -#}
{% macro check_session() -%}
    {{ return(adapter.dispatch('check_session', 'saas_tracker')()) }}
{%- endmacro %}

{% macro default__check_session() -%}
{%- endmacro %}

{#- The adapter asks for the other mode when it connects. Spark's Thrift server does not listen to that; others may. -#}
{% macro spark__check_session() -%}
    {%- set mode = run_query('set spark.sql.ansi.enabled').rows[0][1] -%}
    {%- if mode != 'true' -%}
        {{ exceptions.raise_compiler_error(
            'spark.sql.ansi.enabled is ' ~ mode ~ ' for dbt and has to be true: numbers would differ without a word (docs/spark.md)'
        ) }}
    {%- endif -%}
{%- endmacro %}
