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
