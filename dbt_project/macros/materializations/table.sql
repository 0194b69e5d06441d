{#-
    A table made anew beside the old one (which its query may read), that takes its place in the same transaction.

    The adapter's own materialization does so in a dozen statements and two transactions, which takes longer than most of
    the hundred tables themselves (docs/performance.md).
-#}
{% materialization table, adapter="duckdb" %}
    {%- set old = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set new = make_intermediate_relation(target) -%}
    {%- if old is not none and not old.is_table -%}
        {%- do adapter.drop_relation(old) -%}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        {{ create_table_as(false, new, compiled_code) }}
        drop table if exists {{ target }};
        alter table {{ new }} rename to {{ target.identifier }};
    {%- endcall -%}
    {%- do persist_docs(target, model) -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{#- Comments without a look at the table: a contract holds it to the columns of its YAML file. -#}
{% macro duckdb__alter_column_comment(relation, columns) %}
    {%- for column in columns.values() %}
    comment on column {{ relation }}.{{ column['name'] }} is {{ duckdb_escape_comment(column['description']) }};
    {%- endfor %}
{% endmacro %}
