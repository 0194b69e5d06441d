{#-
    Where no application sends calls, the marts that are tagged `calls` are left out of a build, too. They are there all
    the same, without rows, so that no reader misses a table: a whole build makes them from their contracts, which takes
    next to no time. A build from scratch makes them again, for their contracts may be other ones.
-#}
{% macro make_empty_marts() -%}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'model' and 'calls' in node.tags and node.config.contract.enforced
        and node.unique_id not in selected_resources -%}
        {%- set mart = relation_of(node) -%}
        {%- set existing = load_relation(mart) -%}
        {%- if existing is none or not continues_last_build() -%}
            {%- if existing is not none -%}
                {%- do adapter.drop_relation(existing) -%}
            {%- endif -%}
            {%- set types = {} -%}
            {%- for column in node.columns.values() -%}
                {%- do types.update({column.name: column.data_type}) -%}
            {%- endfor -%}
            {%- do adapter.create_schema(mart) -%}
            {%- do execute_statement('create table ' ~ mart ~ ' (' ~ column_types(types) ~ ')') -%}
            {%- do describe_table(mart, node) -%}
            {#- Commits: to comment columns dbt begins a transaction, and what a hook leaves open is rolled back. -#}
            {%- do adapter.create_schema(mart) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
