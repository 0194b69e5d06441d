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

{#- Usage fell 46 % (812 → 438 events in 30 days, while this company's customers as a whole fell 22 %) -#}
{% macro usage_words() -%}
    {{ dbt.concat([
        "case when events_previous_30d = 0 then 'Usage began' else 'Usage ' || "
        ~ change_words(ratio('events_30d', 'events_previous_30d')) ~ " end",
        "' ('", grouped_digits('events_previous_30d', 0), "' → '", grouped_digits('events_30d', 0), "' events in 30 days'",
        "case when abs(expected_ratio - 1) >= 0.005 then " ~ raw_text(", while this company's customers as a whole ")
        ~ " || " ~ change_words('expected_ratio') ~ " else '' end",
        "')'",
    ]) }}
{%- endmacro %}

{#- fell 46 %, of a ratio of 0.54 -#}
{% macro change_words(ratio) -%}
    case when {{ ratio }} < 1 then 'fell ' else 'grew ' end || {{ grouped_digits('abs(100 * (' ~ ratio ~ ' - 1))', 0) }} || ' %'
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
