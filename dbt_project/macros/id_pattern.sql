{#- Ids of companies and applications, which are folders of the landing zone: ID_PATTERN in `ingestion/ids.py`. -#}
{% macro id_pattern() -%}
    {{ return('^[a-z0-9][a-z0-9_-]{0,62}$') }}
{%- endmacro %}
