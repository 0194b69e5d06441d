{#- A hash of all values of a reference table, the same in whatever order its rows are. -#}
{% macro reference_fingerprint(relation) -%}
    {%- set columns = adapter.get_columns_in_relation(relation) if execute else [] -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append('cast(' ~ column.quoted ~ ' as ' ~ dbt.type_string() ~ ')') -%}
    {%- endfor -%}
    md5(coalesce({{ sorted_list(derived_id(texts) if texts else "''") }}, ''))
{%- endmacro %}
