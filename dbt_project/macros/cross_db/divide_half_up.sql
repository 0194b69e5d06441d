{#-
    Integer quotient of two whole numbers, rounded half away from zero (half up for the amounts here).
    Exact: no engine's decimal or floating division is involved. The divisor must be positive.
-#}
{% macro divide_half_up(dividend, divisor) -%}
    {{ return(adapter.dispatch('divide_half_up', 'saas_tracker')(dividend, divisor)) }}
{%- endmacro %}

{% macro default__divide_half_up(dividend, divisor) -%}
    (
        (2 * abs(cast({{ dividend }} as hugeint)) + cast({{ divisor }} as hugeint))
        // (2 * cast({{ divisor }} as hugeint))
        * sign({{ dividend }})
    )
{%- endmacro %}

{% macro spark__divide_half_up(dividend, divisor) -%}
    (
        (2 * abs(cast({{ dividend }} as decimal(38, 0))) + cast({{ divisor }} as decimal(38, 0)))
        div (2 * cast({{ divisor }} as decimal(38, 0)))
        * cast(sign({{ dividend }}) as bigint)
    )
{%- endmacro %}


{#- Whole cents of an amount (4 decimals) times one rate and divided by another (8 decimals each), half away from
    zero and exact. The general way computes in numbers wider than 64 bits. -#}
{% macro cents_at_rates(amount, from_units, to_units) -%}
    {{ return(adapter.dispatch('cents_at_rates', 'saas_tracker')(amount, from_units, to_units)) }}
{%- endmacro %}

{% macro wide_cents_at_rates(amount, from_units, to_units) -%}
    {{ divide_half_up(
        whole_number(amount, 4) ~ ' * ' ~ whole_number(to_units, 8),
        '100 * ' ~ whole_number(from_units, 8)
    ) }}
{%- endmacro %}

{% macro default__cents_at_rates(amount, from_units, to_units) -%}
    {{ wide_cents_at_rates(amount, from_units, to_units) }}
{%- endmacro %}

{#- Arithmetic of 128 bits takes DuckDB 2.8 microseconds a row, of 64 bits a tenth. It does for amounts below four
    million units of the currency converted to, and below the bounds a double holds every decimal exactly. -#}
{% macro duckdb__cents_at_rates(amount, from_units, to_units) -%}
    case
        when {{ from_units }} = {{ to_units }} then cast(round({{ amount }}, 2) * 100 as hugeint)
        when abs(cast({{ amount }} as double)) * {{ to_units }} < 4000000
            and abs({{ amount }}) < 100000000 and {{ from_units }} < 1000000 and {{ to_units }} < 1000000
            then cast(
                (2 * abs({{ whole_64(amount, 4) }}) * {{ whole_64(to_units, 8) }} + 100 * {{ whole_64(from_units, 8) }})
                // (200 * {{ whole_64(from_units, 8) }}) * sign({{ amount }}) as hugeint
            )
        else cast({{ wide_cents_at_rates(amount, from_units, to_units) }} as hugeint)
    end
{%- endmacro %}

{% macro whole_64(number, digits) -%}
    cast(round(cast({{ number }} as double) * {{ 10 ** digits }}) as bigint)
{%- endmacro %}
