{#- What holds from the start holds from here on, and what holds still holds until there. -#}
{% macro beginning() -%}
    cast('1970-01-01' as timestamp)
{%- endmacro %}

{% macro end_of_time() -%}
    cast('9999-12-31' as timestamp)
{%- endmacro %}
