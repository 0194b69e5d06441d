{#-
    An incremental strategy: the rows of the keys (`unique_key`) in this build's rows, and of those in the table named
    by the model's `meta.stale`, make room for this build's rows. A key that has no row any more so loses its old ones.
-#}
{% macro get_incremental_replace_stale_sql(arguments) -%}
    {%- set stale = config.get('meta', {}).get('stale') -%}
    {%- set keys = arguments['unique_key'] | join(', ') -%}
    {%- set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    delete from {{ arguments['target_relation'] }}
    where ({{ keys }}) in (
        select {{ keys }} from {{ arguments['temp_relation'] }}
        {%- if stale %}
        union
        select {{ keys }} from {{ as_last_built(stale) }}
        {%- endif %}
    );
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}


{#- Whether the engine's tables can lose rows in place. Where they cannot, every build makes them anew. -#}
{% macro can_replace_rows() -%}
    {{ return(adapter.dispatch('can_replace_rows', 'saas_tracker')()) }}
{%- endmacro %}

{% macro default__can_replace_rows() -%}
    {{ return(true) }}
{%- endmacro %}

{% macro spark__can_replace_rows() -%}
    {{ return(false) }}
{%- endmacro %}


{#- Of the rows of `relation`, those whose columns are a row of a (small) table of keys. -#}
{% macro among(columns, keys) -%}
    ({{ columns | join(', ') }}) in (select {{ columns | join(', ') }} from {{ keys }})
{%- endmacro %}
