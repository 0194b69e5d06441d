{#- The columns of a table that its contract declares `not_null` and that nothing guards when it is written. -#}
{% macro unenforced_columns(relation) -%}
    {{ return(adapter.dispatch('unenforced_columns', 'saas_tracker')(relation)) }}
{%- endmacro %}

{#- Tables are guarded, views are not. -#}
{% macro default__unenforced_columns(relation) -%}
    {{ return(not_null_columns(relation, ['view'])) }}
{%- endmacro %}

{% macro spark__unenforced_columns(relation) -%}
    {{ return(not_null_columns(relation, ['view', 'table', 'incremental'])) }}
{%- endmacro %}


{% macro not_null_columns(relation, materializations) -%}
    {#- Seeds and marts have tables of one name. -#}
    {%- set table = ((relation | string) | replace('`', '') | replace('"', '')).split('.')[-2:] | join('.') -%}
    {%- set columns = [] -%}
    {#- The graph is empty while dbt parses. -#}
    {%- for node in graph.get('nodes', {}).values()
        if node.resource_type == 'model' and node.schema ~ '.' ~ node.alias == table and node.config.materialized in materializations -%}
        {%- for column in node.columns.values() if column.constraints -%}
            {%- do columns.append(column.name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
