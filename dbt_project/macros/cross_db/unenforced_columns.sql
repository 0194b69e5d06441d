{#- The columns of a table that its contract declares `not_null` and that this engine does not guard when it writes. -#}
{% macro unenforced_columns(relation) -%}
    {{ return(adapter.dispatch('unenforced_columns', 'saas_tracker')(relation)) }}
{%- endmacro %}

{% macro default__unenforced_columns(relation) -%}
    {{ return([]) }}
{%- endmacro %}

{% macro spark__unenforced_columns(relation) -%}
    {%- set table = (relation | string).split('.')[-1] | replace('`', '') | replace('"', '') -%}
    {%- set columns = [] -%}
    {#- The graph is empty while dbt parses. -#}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model' and node.alias == table -%}
        {%- for column in node.columns.values() if column.constraints -%}
            {%- do columns.append(column.name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
