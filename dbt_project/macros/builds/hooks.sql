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


{#-
    At the start of a build. History is continued only where a complete build is remembered and all of it is there;
    otherwise the tables that are to be built are dropped, so that dbt makes them from scratch.
-#}
{% macro begin_build() -%}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}
        {%- do check_session() -%}
        {%- set history = models_of_history() -%}
        {%- set selected = history | selectattr('unique_id', 'in', selected_resources) | list -%}
        {%- set absent = [] -%}
        {%- for node in history if load_relation(relation_of(node)) is none and 'calls' not in node.tags -%}
            {%- do absent.append(node.name) -%}
        {%- endfor -%}
        {%- set is_forgotten = absent -%}
        {%- if flags.FULL_REFRESH and selected | length == history | length -%}
            {%- set is_forgotten = true -%}
        {%- endif -%}
        {%- for name, (model, columns) in last_build_tables().items() -%}
            {%- set table = last_build_table(name) -%}
            {%- do adapter.create_schema(table) -%}
            {%- do execute_statement('create table if not exists ' ~ table ~ ' (' ~ column_types(columns) ~ ')') -%}
            {%- if is_forgotten -%}
                {%- do execute_statement('delete from ' ~ table) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if not flags.FULL_REFRESH and not continues_last_build() -%}
            {%- for node in selected + models_of_this_run() -%}
                {%- set relation = load_relation(relation_of(node)) -%}
                {%- if relation is not none -%}
                    {%- do adapter.drop_relation(relation) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
        {%- if selected | length == history | length and not reads_calls() -%}
            {%- do make_empty_marts() -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- At the end: a build that made everything, without a failure, is what the next one continues. -#}
{% macro finish_build(results) -%}
    {%- if execute and flags.WHICH in ['build', 'run'] -%}
        {%- set failed = results | selectattr('status', 'in', ['error', 'fail', 'skipped', 'runtime error', 'partial success']) | list -%}
        {%- set built = results | map(attribute='node.unique_id') | list -%}
        {%- set left_out = (models_of_history() + models_of_this_run())
            | rejectattr('unique_id', 'in', built) | list -%}
        {%- if not failed and not left_out -%}
            {%- do remember_build() -%}
        {%- endif -%}
    {%- endif -%}
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


{#- Models whose rows a build keeps from earlier ones; without the models of calls where there are none. -#}
{% macro models_of_history() -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'model' and node.config.materialized == 'incremental'
        and ('calls' not in node.tags or reads_calls()) -%}
        {%- do found.append(node) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{#- Models that hold rows of one build alone. -#}
{% macro models_of_this_run() -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and 'this_run' in node.tags -%}
        {%- do found.append(node) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{#- A statement by itself that answers nothing; `run_query` would ask for its rows. -#}
{% macro execute_statement(sql) -%}
    {%- call statement('statement_without_rows', auto_begin=false) -%}
        {{ sql }}
    {%- endcall -%}
{%- endmacro %}


{% macro relation_of(node) -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias, type='table')) }}
{%- endmacro %}


{% macro last_build_table(name) -%}
    {%- set node = graph.sources.values() | selectattr('name', 'equalto', name) | first -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.identifier)) }}
{%- endmacro %}


{% macro column_types(columns) -%}
    {%- set typed = [] -%}
    {%- for name, type in columns.items() -%}
        {%- do typed.append(name ~ ' ' ~ type) -%}
    {%- endfor -%}
    {{ return(typed | join(', ')) }}
{%- endmacro %}
