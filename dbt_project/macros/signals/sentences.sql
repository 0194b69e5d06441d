{#- Words and numbers of `candidates` joined to a sentence about D; null on other days, which nobody reads. -#}
{% macro sentence_on_as_of_date(parts) -%}
    case when date_day = {{ as_of_date() }} then {{ dbt.concat(parts) }} end
{%- endmacro %}

{#- 40, 62.5 or 1,240: as many decimals as are needed, at most `decimals`. -#}
{% macro number_words(value, decimals=1) -%}
    case
            when {{ value }} = floor({{ value }}) then {{ grouped_digits(value, 0) }}
            else {{ grouped_digits(value, decimals) }}
        end
{%- endmacro %}

{#- Usage fell 46 % (812 → 438 events in 30 days) -#}
{% macro usage_words() -%}
    {{ dbt.concat([
        "case when usage_ratio is null then 'Usage began'"
        ~ " when usage_ratio < 1 then 'Usage fell ' || " ~ grouped_digits('100 * (1 - usage_ratio)', 0) ~ " || ' %'"
        ~ " else 'Usage grew ' || " ~ grouped_digits('100 * (usage_ratio - 1)', 0) ~ " || ' %' end",
        "' ('", grouped_digits('events_previous_30d', 0), "' → '", grouped_digits('events_30d', 0), "' events in 30 days)'",
    ]) }}
{%- endmacro %}

{#- paying 1,240 EUR a month -#}
{% macro paying_words() -%}
    case
            when mrr > 0 then {{ dbt.concat(["'paying '", number_words('mrr', 2), "' '", 'reporting_currency', "' a month'"]) }}
            else 'not paying'
        end
{%- endmacro %}

{#- last seen 3 days ago -#}
{% macro last_seen_words() -%}
    case
            when days_since_last_seen is null then 'never seen'
            when days_since_last_seen = 0 then 'last seen today'
            when days_since_last_seen = 1 then 'last seen yesterday'
            else {{ dbt.concat(["'last seen '", grouped_digits('days_since_last_seen', 0), "' days ago'"]) }}
        end
{%- endmacro %}
