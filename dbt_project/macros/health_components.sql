{#- The components of the health score, in the order that breaks ties. -#}
{% macro health_components() -%}
    {{ return(['recency', 'frequency', 'trend', 'breadth', 'users']) }}
{%- endmacro %}


{#- 0..100 on the line through (score_0_at, 0) and (score_100_at, 100), clamped; the line may fall.
    Null without a measure: greatest() and least() would pass over the null. -#}
{% macro linear_score(measure, score_0_at, score_100_at) -%}
    case
            when {{ measure }} is not null and {{ score_0_at }} <> {{ score_100_at }}
                then greatest(0, least(
                    100, 100 * ({{ measure }} - {{ score_0_at }}) / ({{ score_100_at }} - {{ score_0_at }})
                ))
        end
{%- endmacro %}
