{#-
    Tables and views made anew in few statements: what they replace goes in the transaction in which they come.

    The adapter's own materializations build beside the old relation, rename twice and drop what is left in a
    transaction of its own. That is as safe, and takes longer than most of the hundred tables (docs/performance.md).
-#}
{% materialization table, adapter="duckdb" %}
    {%- set target = lean_target('table') -%}
    {#- Beside the old one, because the query may read that. -#}
    {%- set new = make_intermediate_relation(target) -%}
    {%- call statement('main') -%}
        {{ create_table_as(false, new, compiled_code) }}
        drop table if exists {{ target }};
        alter table {{ new }} rename to {{ target.identifier }};
    {%- endcall -%}
    {{ return(finish_lean_target(target)) }}
{% endmaterialization %}


{% materialization view, adapter="duckdb" %}
    {%- set target = lean_target('view') -%}
    {%- call statement('main') -%}
        drop view if exists {{ target }};
        {{ create_view_as(target, compiled_code) }}
    {%- endcall -%}
    {{ return(finish_lean_target(target)) }}
{% endmaterialization %}


{#- What the model becomes. What it was is dropped here where that was of another kind. -#}
{% macro lean_target(type) %}
    {%- set target = this.incorporate(type=type) -%}
    {%- set old = load_cached_relation(target) -%}
    {%- if old is not none and old.type != type -%}
        {%- do adapter.drop_relation(old) -%}
    {%- endif -%}
    {%- do run_hooks(pre_hooks) -%}
    {{ return(target) }}
{% endmacro %}


{% macro finish_lean_target(target) %}
    {%- do persist_docs(target, model) -%}
    {%- do run_hooks(post_hooks) -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmacro %}


{#- Comments without a look at the table: a contract holds it to the columns of its YAML file. -#}
{% macro duckdb__alter_column_comment(relation, columns) %}
    {%- for column in columns.values() %}
    comment on column {{ relation }}.{{ column['name'] }} is {{ duckdb_escape_comment(column['description']) }};
    {%- endfor %}
{% endmacro %}
