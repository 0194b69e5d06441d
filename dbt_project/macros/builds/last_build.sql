{#-
    What the last complete build knew is kept in the tables of the source `last_build`: `begin_build` makes them,
    `finish_build` writes them when a whole build came to its end. docs/incremental.md explains how builds use it.
-#}

{#- Whether this build adds to the tables that the last one left; otherwise it makes all of them from scratch. -#}
{% macro continues_last_build() -%}
    {{ return(execute and not flags.FULL_REFRESH and last_build_value('as_of_date') is not none) }}
{%- endmacro %}


{#- The day that the last complete build was for, as YYYY-MM-DD; only where this one continues it. -#}
{% macro last_as_of_date() -%}
    {{ return(last_build_value('as_of_date')) }}
{%- endmacro %}


{#- The number of this build: rows that it writes carry it as `built_in`. A second attempt has the same number. -#}
{% macro build_number() -%}
    {{ return((last_build_value('number') or 0) | int + 1) }}
{%- endmacro %}


{% macro last_build_value(name) -%}
    {%- set inputs = source('last_build', 'last_build_inputs') -%}
    {%- if not execute or load_relation(inputs) is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set rows = run_query("select value from " ~ inputs ~ " where kind = 'build' and name = '" ~ name ~ "'") -%}
    {{ return(rows.columns[0].values()[0] if rows | length else none) }}
{%- endmacro %}


{#- Whether a model is among those that dbt was asked to build: a test by itself looks at whatever is there. -#}
{% macro builds_now(model_name) -%}
    {{ return('model.saas_tracker.' ~ model_name in selected_resources) }}
{%- endmacro %}


{#-
    Whether this build reads calls: there are some, or the last complete build had some. Elsewhere the models that are
    tagged `calls` may be left out, and what they would add is not read.
-#}
{% macro reads_calls() -%}
    {#- A unit test is given rows and reads no warehouse. -#}
    {{ return(model.resource_type != 'unit_test' and (has_calls() or last_build_value('calls') == 'true')) }}
{%- endmacro %}

{% macro has_calls() -%}
    {%- set calls = source('raw', 'calls') -%}
    {{ return(execute and load_relation(calls) is not none and run_query('select 1 from ' ~ calls ~ ' limit 1').rows | length > 0) }}
{%- endmacro %}


{#- Tables of the source `last_build`, by the model that each is a copy of, with their columns; the inputs first. -#}
{% macro last_build_tables() -%}
    {%- set text = dbt.type_string() -%}
    {{ return({
        'last_build_inputs': ['int_build_inputs__this_run', {
            'kind': text, 'company_id': text, 'name': text, 'value': text,
        }],
        'last_organization_starts': ['int_organization_starts', {
            'company_id': text, 'app_id': text, 'external_org_id': text, 'first_day': 'date',
        }],
        'last_mrr_changes': ['int_organization_mrr_changes', {
            'company_id': text, 'external_org_id': text, 'date_day': 'date', 'mrr_change': 'decimal(18, 2)',
        }],
    }) }}
{%- endmacro %}


{#- Without a transaction: while `last_build_inputs` is empty, a build that was killed here is not remembered at all. -#}
{% macro remember_build() -%}
    {%- set tables = last_build_tables().items() | list -%}
    {%- for name, (model, columns) in tables -%}
        {%- do execute_statement('delete from ' ~ last_build_table(name)) -%}
    {%- endfor -%}
    {%- for name, (model, columns) in tables | reverse -%}
        {%- set names = columns | join(', ') -%}
        {%- set node = graph.nodes.values() | selectattr('name', 'equalto', model) | first -%}
        {%- do execute_statement(
            'insert into ' ~ last_build_table(name) ~ ' (' ~ names ~ ') select ' ~ names ~ ' from ' ~ relation_of(node)
        ) -%}
    {%- endfor -%}
{%- endmacro %}


{% macro last_build_table(name) -%}
    {%- set node = graph.sources.values() | selectattr('name', 'equalto', name) | first -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.identifier)) }}
{%- endmacro %}
