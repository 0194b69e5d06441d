{#- Where the adapter for Spark does not know Iceberg's catalog, or loses something without a word. -#}

{#- Iceberg's catalog lists tables and views apart, and knows no `show table extended`, which the adapter asks. -#}
{% macro spark__list_relations_without_caching(schema_relation) -%}
    {%- set found = [] -%}
    {%- for row in run_query('show views in ' ~ schema_relation.schema) -%}
        {%- do found.append([row[0], row[1], false, 'Type: VIEW\n']) -%}
    {%- endfor -%}
    {%- for row in run_query('show tables in ' ~ schema_relation.schema) -%}
        {%- do found.append([row[0], row[1], false, 'Type: TABLE\nProvider: iceberg\n']) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{#- The adapter's own counts in whole seconds: a moment loses its microseconds, and a session its end. -#}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd({{ datepart }}, cast({{ interval }} as int), {{ from_date_or_timestamp }})
{%- endmacro %}


{#- The adapter's own asks for the rows of a statement that has none. -#}
{% macro spark__alter_column_comment(relation, columns) %}
    {%- for column in columns.values() if column['description'] %}
        {%- do execute_statement(
            'alter table ' ~ relation ~ ' alter column `' ~ column['name'] ~ '` comment '
            ~ raw_text(column['description'])
        ) -%}
    {%- endfor %}
{% endmacro %}


{% macro spark__comment_clause() -%}
    {%- if config.persist_relation_docs() -%}
        comment {{ raw_text(model.description) }}
    {%- endif -%}
{%- endmacro %}


{#- A unit test asks for the rows of this statement, which has none. A temporary view would not do: it is dropped, and
    where all connections share a session, one that closes meanwhile misses it. -#}
{% macro spark__get_create_table_as_sql(temporary, relation, sql) -%}
    {%- do execute_statement('create or replace table ' ~ relation ~ ' as ' ~ sql) -%}
    select 1 as nothing
{%- endmacro %}


{#- The adapter's own leaves a backslash, which Spark takes for an escape. Unit tests' rows and `raw_text` may hold one. -#}
{% macro spark__escape_single_quotes(expression) -%}
    {{- expression | replace('\\', '\\\\') | replace("'", "\\'") -}}
{%- endmacro %}
