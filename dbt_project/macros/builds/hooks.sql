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
