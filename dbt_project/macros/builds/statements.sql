{#- A statement by itself that answers nothing; `run_query` would ask for its rows. -#}
{% macro execute_statement(sql) -%}
    {%- call statement('statement_without_rows', auto_begin=false) -%}
        {{ sql }}
    {%- endcall -%}
{%- endmacro %}


{% macro relation_of(node) -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias, type='table')) }}
{%- endmacro %}


{% macro column_types(columns) -%}
    {%- set typed = [] -%}
    {%- for name, type in columns.items() -%}
        {%- do typed.append(name ~ ' ' ~ type) -%}
    {%- endfor -%}
    {{ return(typed | join(', ')) }}
{%- endmacro %}
