{#- Events of one moment are ordered like events of one second (docs/metrics.md); `first` goes before all of that. -#}
{% macro event_order(first=none) -%}
    occurred_at, {{ first ~ ', ' if first }}event, path nulls first, user_hash nulls first, event_id, app_id
{%- endmacro %}
