{#-
    Money is exact: every rounding is half up on whole numbers of cents, never on floats.
    Currency conversion is done here and nowhere else (rates: `int_exchange_rate_periods`).
-#}

{#- Whole cents as money. Multiplied, because a division of decimals is a float on some engines. -#}
{% macro cents_to_money(cents) -%}
    cast(cast({{ cents }} as decimal(18, 0)) * cast(0.01 as decimal(3, 2)) as decimal(18, 2))
{%- endmacro %}

{#- An amount in one currency as money in another, given both currencies' units per euro. -#}
{% macro convert_amount(amount, from_units, to_units) -%}
    {{ cents_to_money(cents_at_rates(amount, from_units, to_units)) }}
{%- endmacro %}

{#- Money per head, rounded to cents; null where there is nobody. -#}
{% macro money_per(amount, heads) -%}
    {{ cents_to_money(divide_half_up(whole_number(amount, 2), 'nullif(' ~ heads ~ ', 0)')) }}
{%- endmacro %}

{#- A sum of money, 0.00 where there is nothing to add. -#}
{% macro sum_money(amount) -%}
    cast(coalesce(sum({{ amount }}), 0) as decimal(18, 2))
{%- endmacro %}
