{#- A ratio as double; null where the divisor is 0 or null. -#}
{% macro ratio(dividend, divisor) -%}
    (cast({{ dividend }} as double) / nullif(cast({{ divisor }} as double), 0))
{%- endmacro %}


{#- Half up (away from zero) to a number of decimals, as double. The small addend takes back what binary
    fractions lose: 0.05 * 25 is a tie on paper, but may be a hair below one in a double. -#}
{% macro round_half_up(value, decimals) -%}
    {%- set factor = 10 ** decimals -%}
    (
        sign({{ value }})
        * floor(abs(cast({{ value }} as double)) * {{ factor }} + 0.5 + 0.0000001) / {{ factor }}
    )
{%- endmacro %}


{#- A number as text that is the same for equal numbers on every engine (10 decimals); null for null. -#}
{% macro exact_text(value) -%}
    cast(cast({{ value }} as decimal(38, 10)) as {{ dbt.type_string() }})
{%- endmacro %}
