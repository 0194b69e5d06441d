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


{#- Weight of a component as its share of 100 points, in a row of int_organization_health: the points of unmeasured
    components are spread over the others. Null where unmeasured. -#}
{% macro shared_weight(component, row=none) -%}
    {%- set of_row = row ~ '.' if row else '' -%}
    case
            when {{ of_row }}{{ component }}_score is not null
                then {{ ratio('100 * ' ~ of_row ~ component ~ '_weight', of_row ~ 'measured_weight') }}
        end
{%- endmacro %}


{#- A band's place among the bands: 1 is the worst. -#}
{% macro health_band_place(band) -%}
    case {{ band }}
        {%- for name in ['no_recent_activity', 'at_risk', 'watch', 'healthy'] %}
        when '{{ name }}' then {{ loop.index }}
        {%- endfor %}
    end
{%- endmacro %}
