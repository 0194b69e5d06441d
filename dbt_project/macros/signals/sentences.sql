{#- Words and numbers joined to a sentence about D; null on other days, which nobody reads. -#}
{% macro sentence_on_as_of_date(parts) -%}
    case when candidates.date_day = {{ as_of_date() }} then {{ dbt.concat(parts) }} end
{%- endmacro %}

{% macro words(value) -%}
    cast({{ value }} as {{ dbt.type_string() }})
{%- endmacro %}

{#- A number of days, a score or a threshold, with one decimal. -#}
{% macro number_words(value) -%}
    {{ words('cast(' ~ value ~ ' as decimal(18, 1))') }}
{%- endmacro %}

{% macro percent_words(share) -%}
    {{ words('cast(round(100 * (' ~ share ~ ')) as bigint)') }} || ' %'
{%- endmacro %}

{% macro mrr_words() -%}
    {{ words('candidates.mrr') }} || ' ' || candidates.reporting_currency || ' a month'
{%- endmacro %}
