{#- Several rows out of one value. Of JSON: json.sql. -#}

{#- In a select list: one row per part of a text. -#}
{% macro split_rows(text, separator) -%}
    {{ return(adapter.dispatch('split_rows', 'saas_tracker')(text, separator)) }}
{%- endmacro %}

{% macro default__split_rows(text, separator) -%}
    unnest(string_split({{ text }}, '{{ separator }}'))
{%- endmacro %}

{% macro spark__split_rows(text, separator) -%}
    explode(split({{ text }}, '[{{ separator }}]'))
{%- endmacro %}


{#- In a select list: one row per element of a list, `(<name>).value` and `(<name>).place`, the first or a later one. -#}
{% macro placed_rows(list) -%}
    {{ return(adapter.dispatch('placed_rows', 'saas_tracker')(list)) }}
{%- endmacro %}

{% macro default__placed_rows(list) -%}
    unnest(cast(list_zip({{ list }}, range(1, len({{ list }}) + 1)) as struct(value varchar, place bigint)[]))
{%- endmacro %}

{% macro spark__placed_rows(list) -%}
    explode(transform({{ list }}, (element, place) -> named_struct('value', element, 'place', place)))
{%- endmacro %}


{#- In a select list: one row per match of a regular expression in a text. -#}
{% macro rows_of_matches(text, pattern) -%}
    {{ return(adapter.dispatch('rows_of_matches', 'saas_tracker')(text, pattern)) }}
{%- endmacro %}

{% macro default__rows_of_matches(text, pattern) -%}
    unnest(regexp_extract_all({{ text }}, {{ raw_text(pattern) }}))
{%- endmacro %}

{% macro spark__rows_of_matches(text, pattern) -%}
    explode(regexp_extract_all({{ text }}, {{ raw_text(pattern) }}, 0))
{%- endmacro %}


{#- In a select list: one row per day of a range, both ends included. The caller leaves out empty ranges. -#}
{% macro day_rows(first_day, last_day) -%}
    {{ return(adapter.dispatch('day_rows', 'saas_tracker')(first_day, last_day)) }}
{%- endmacro %}

{% macro default__day_rows(first_day, last_day) -%}
    cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date)
{%- endmacro %}

{% macro spark__day_rows(first_day, last_day) -%}
    explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day))
{%- endmacro %}


{#- In a select list: one row per month (its first day) of a range of first days, both ends included. -#}
{% macro month_rows(first_month, last_month) -%}
    {{ return(adapter.dispatch('month_rows', 'saas_tracker')(first_month, last_month)) }}
{%- endmacro %}

{% macro default__month_rows(first_month, last_month) -%}
    cast(unnest(generate_series({{ first_month }}, {{ last_month }}, interval 1 month)) as date)
{%- endmacro %}

{% macro spark__month_rows(first_month, last_month) -%}
    explode(sequence({{ first_month }}, {{ last_month }}, interval 1 month))
{%- endmacro %}


{#- In a select list: one row per whole number of a range, both ends included. The caller leaves out empty ranges. -#}
{% macro number_rows(first, last) -%}
    {{ return(adapter.dispatch('number_rows', 'saas_tracker')(first, last)) }}
{%- endmacro %}

{% macro default__number_rows(first, last) -%}
    unnest(generate_series({{ first }}, {{ last }}))
{%- endmacro %}

{% macro spark__number_rows(first, last) -%}
    explode(sequence({{ first }}, {{ last }}))
{%- endmacro %}
