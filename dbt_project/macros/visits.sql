{#-
    Whether a visit has ended between two successive events of a user: by the rule of the application
    (`session_inference`), a gap longer than `session_timeout_minutes` or the end of a half hour of the clock. Null
    where one of the two is missing.
-#}
{% macro ends_visit(earlier_at, later_at) -%}
    case
            when session_inference = 'fixed_bucket'
                then {{ half_hour(earlier_at) }} <> {{ half_hour(later_at) }}
            else {{ later_at }} > {{ dbt.dateadd('minute', 'session_timeout_minutes', earlier_at) }}
        end
{%- endmacro %}

{% macro half_hour(moment) -%}
    floor({{ timestamp_to_micros(moment) }} / (30 * 60 * 1000000.0))
{%- endmacro %}
