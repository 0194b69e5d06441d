{#-
    The components of the health score, in the order that breaks ties: this is the one place that says what each
    measures. `measure` is SQL over `metrics` (int_organization_metrics_daily) and `scopes` (int_application_scopes), null
    where it cannot be measured. `without_ratio` is the score (0 to 100) where the measure would be a ratio to nothing,
    which has no place on the line. Weight and line of each are rows of `seeds/health_model.csv`.
    docs/add-a-health-component.md adds one.
-#}
{% macro health_components() -%}
    {{ return({
        'recency': {'measure': 'metrics.days_since_last_seen'},
        'frequency': {'measure': 'metrics.active_days_30d'},
        'trend': {
            'measure': ratio('metrics.events_30d', 'metrics.events_previous_30d'),
            'without_ratio': all_or_nothing('metrics.events_30d', 'metrics.events_previous_30d'),
        },
        'breadth': {'measure': ratio('metrics.features_used_30d', 'scopes.features_defined')},
        'users': {
            'measure': ratio('metrics.active_users_30d', 'metrics.active_users_previous_30d'),
            'without_ratio': all_or_nothing(
                'metrics.active_users_30d', 'metrics.active_users_previous_30d', measurable='scopes.counts_users'
            ),
        },
    }) }}
{%- endmacro %}


{#- The score of a ratio to nothing: 100 with anything now, 0 without. Null where there is a ratio. -#}
{% macro all_or_nothing(now, before, measurable='true') -%}
    case
            when not {{ measurable }} or {{ before }} > 0 then null
            when {{ now }} > 0 then 100
            else 0
        end
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


{#- Weight of a component as its share of 100 points, in a row of int_health_scores: the points of unmeasured
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
