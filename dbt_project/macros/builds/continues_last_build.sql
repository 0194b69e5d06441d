{#-
    Whether this build adds to the tables that the last one left; otherwise it makes all of them anew. One answer for
    all incremental models: int_build_inputs works it out at the start of a build, docs/incremental.md explains it.
-#}
{% macro continues_last_build() -%}
    {%- if not may_continue() -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(build_input('continues') == 'true') }}
{%- endmacro %}


{#- The same, as far as it can be told without looking into the tables. -#}
{% macro may_continue() -%}
    {%- if not execute or flags.FULL_REFRESH or not can_replace_rows() or not table_exists('int_built_inputs') -%}
        {{ return(false) }}
    {%- endif -%}
    {%- for node in graph.get('nodes', {}).values() if node.config.materialized == 'incremental' -%}
        {%- if not table_exists(node.name) -%}
            {{ return(false) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(true) }}
{%- endmacro %}


{#- dbt asks this before it fills an incremental model, and so does is_incremental(). -#}
{% macro should_full_refresh() -%}
    {%- if config.get('full_refresh') is not none -%}
        {{ return(config.get('full_refresh')) }}
    {%- endif -%}
    {%- if config.get('materialized') == 'incremental' -%}
        {{ return(not continues_last_build()) }}
    {%- endif -%}
    {{ return(flags.FULL_REFRESH) }}
{%- endmacro %}


{#- A value that was noted for this build, or (in `int_built_inputs`) for the last, as text; none without one. -#}
{% macro build_input(name, table='int_build_inputs') -%}
    {%- if not execute or not table_exists(table) -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set rows = run_query(
        "select value from " ~ as_last_built(table) ~ " where kind = 'build' and name = '" ~ name ~ "'"
    ) -%}
    {{ return(rows.columns[0].values()[0] if rows | length else none) }}
{%- endmacro %}


{#- The number of this build: rows that it wrote carry it as `built_in`. -#}
{% macro build_number() -%}
    {{ build_input('number') or 0 }}
{%- endmacro %}


{#- The day that the last build was for, as YYYY-MM-DD. -#}
{% macro last_as_of_date() -%}
    {{ return(build_input('as_of_date', 'int_built_inputs')) }}
{%- endmacro %}


{#-
    The table of a model as the last build left it, for models that are built before that model: what is to be
    replaced can be told from nothing else. dbt does not see the dependency, which would be a circle.
-#}
{% macro as_last_built(model_name) -%}
    {#- The graph is empty while dbt parses, and in unit tests. -#}
    {%- for node in graph.get('nodes', {}).values() if node.resource_type == 'model' and node.name == model_name -%}
        {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}


{% macro table_exists(model_name) -%}
    {%- set relation = as_last_built(model_name) -%}
    {{ return(relation is not none and load_relation(relation) is not none) }}
{%- endmacro %}


{#- The values of a text column of a (small) table, as SQL texts; '' where there is none. -#}
{% macro values_of(relation, column) -%}
    {%- set query = 'select ' ~ column ~ ' from ' ~ relation -%}
    {%- set found = run_query(query).columns[0].values() if execute and load_relation(relation) else [] -%}
    {{ return("'" ~ (found | join("', '")) ~ "'") }}
{%- endmacro %}


{% macro has_rows(relation) -%}
    {%- if not execute or not load_relation(relation) -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(run_query('select 1 as found from ' ~ relation ~ ' limit 1') | length > 0) }}
{%- endmacro %}
