{#-
    Tables and incremental models on Spark. Each call sends one statement, and nothing is a transaction: a build that
    was killed between two of them is not remembered, so that the next one does all of it again (docs/incremental.md).
-#}
{% materialization table, adapter='spark' -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- do drop_unless_table(load_cached_relation(this)) -%}
    {{ run_hooks(pre_hooks) }}
    {%- do write_table(target_relation, compiled_code) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}


{#- The new rows are a table of their own first: their query may read the table that they enter, and a temporary view
    would be computed by each part of the statement that reads it. -#}
{% materialization incremental, adapter='spark' -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- do drop_unless_table(existing) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if is_incremental() -%}
        {%- set new_rows = this.incorporate(path={'identifier': this.identifier ~ '__new'}, type='table') -%}
        {%- do write_rows(new_rows, compiled_code) -%}
        {%- do process_schema_changes(config.get('on_schema_change'), new_rows, existing) -%}
        {%- do add_rows(target_relation, new_rows, config.get('unique_key')) -%}
        {%- do adapter.drop_relation(new_rows) -%}
    {%- else -%}
        {%- do write_table(target_relation, compiled_code) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}


{% macro drop_unless_table(relation) -%}
    {%- if relation is not none and relation.type != 'table' -%}
        {%- do adapter.drop_relation(relation) -%}
    {%- endif -%}
{%- endmacro %}


{#- With a contract: first the empty table, so that its `not_null` columns are guarded and all are described. -#}
{% macro write_table(relation, query) -%}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(query) -%}
        {%- call statement('create_table') -%}
            create or replace table {{ relation }} {{ contract_columns(model.columns.values()) }}
            {{ file_format_clause() }} {{ comment_clause() }}
        {%- endcall -%}
        {%- set columns = model.columns.values() | map(attribute='name') | map('tojson') | join(', ') | replace('"', '`') -%}
        {%- call statement('main') -%}
            insert into {{ relation }} ({{ columns }})
            select {{ columns }} from ({{ query }}) as rows_of_model
        {%- endcall -%}
    {%- else -%}
        {%- call statement('main') -%}
            create or replace table {{ relation }} {{ file_format_clause() }} as {{ query }}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}


{% macro write_rows(relation, query) -%}
    {%- call statement('new_rows') -%}
        create or replace table {{ relation }} {{ file_format_clause() }} as {{ query }}
    {%- endcall -%}
{%- endmacro %}


{% macro add_rows(relation, new_rows, key) -%}
    {%- set columns = adapter.get_columns_in_relation(relation) | map(attribute='quoted') | join(', ') -%}
    {%- if key -%}
        {%- call statement('delete_replaced') -%}
            delete from {{ relation }} where {{ among(key, new_rows) }}
        {%- endcall -%}
    {%- endif -%}
    {%- call statement('main') -%}
        insert into {{ relation }} ({{ columns }}) select {{ columns }} from {{ new_rows }}
    {%- endcall -%}
{%- endmacro %}


{#- The columns of a contract, with their descriptions. -#}
{% macro contract_columns(columns) -%}
    {%- set described = [] -%}
    {%- for column in columns -%}
        {%- set is_required = 'not_null' in column.constraints | map(attribute='type') | map('string') | list -%}
        {%- do described.append(
            '`' ~ column.name ~ '` ' ~ column.data_type ~ (' not null' if is_required else '')
            ~ ' comment ' ~ raw_text(column.description or '')
        ) -%}
    {%- endfor -%}
    {{ return('(' ~ described | join(', ') ~ ')') }}
{%- endmacro %}

