{#- A decimal times a power of ten as a whole number wide enough to be multiplied with another one. -#}
{% macro whole_number(amount, digits) -%}
    {{ return(adapter.dispatch('whole_number', 'saas_tracker')(amount, digits)) }}
{%- endmacro %}

{% macro default__whole_number(amount, digits) -%}
    cast(cast({{ amount }} as decimal(28, {{ digits }})) * {{ 10 ** digits }} as hugeint)
{%- endmacro %}

{% macro spark__whole_number(amount, digits) -%}
    cast(cast({{ amount }} as decimal(28, {{ digits }})) * {{ 10 ** digits }} as decimal(38, 0))
{%- endmacro %}
