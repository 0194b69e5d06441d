{#-
    The rule by which an application's sessions are inferred: one ends with a gap longer than
    `session_timeout_minutes` or, in a `fixed_bucket`, with the half hour of the clock. Null without an earlier event.
-#}
{% macro ends_session(earlier_at, later_at) -%}
    case
            when session_inference = 'fixed_bucket'
                then {{ clock_span(earlier_at, '30') }} <> {{ clock_span(later_at, '30') }}
            else {{ later_at }} > {{ dbt.dateadd('minute', 'session_timeout_minutes', earlier_at) }}
        end
{%- endmacro %}

{#- Number of the span of the clock that a moment lies in: no rule parts the events of a user in one span. -#}
{% macro undivided_span(moment) -%}
    {{ clock_span(moment, "case when session_inference = 'fixed_bucket' then 30 else session_timeout_minutes end") }}
{%- endmacro %}

{% macro clock_span(moment, minutes) -%}
    floor({{ timestamp_to_micros(moment) }} / (60 * 1000000.0 * {{ minutes }}))
{%- endmacro %}


{#- The moment by which events are put in order: flat events have whole seconds, calls the fraction too. -#}
{% macro moment_in_order() -%}
    case when vendor is null then {{ dbt.date_trunc('second', 'occurred_at') }} else occurred_at end
{%- endmacro %}
