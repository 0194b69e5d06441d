{#- Writes the descriptions of a mart and its columns as comments, outside of the mart's own build. -#}
{% macro describe_table(relation, node) -%}
    {{ return(adapter.dispatch('describe_table', 'saas_tracker')(relation, node)) }}
{%- endmacro %}

{% macro default__describe_table(relation, node) -%}
    {%- do run_query(alter_relation_comment(relation, node.description)) -%}
    {%- do run_query(alter_column_comment(relation, node.columns)) -%}
{%- endmacro %}

{% macro spark__describe_table(relation, node) -%}
    {%- do execute_statement('comment on table ' ~ relation ~ ' is ' ~ raw_text(node.description)) -%}
    {%- do alter_column_comment(relation, node.columns) -%}
{%- endmacro %}
