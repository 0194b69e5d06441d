{#- In a build that continues the last one: only the rows of the keys in a table of stale keys. -#}
{% macro only_stale(keys, stale_model) -%}
    {%- set stale = ref(stale_model) -%}
    {%- if continues_last_build() -%}
    where {{ among(keys, stale) }}
    {%- endif -%}
{%- endmacro %}
