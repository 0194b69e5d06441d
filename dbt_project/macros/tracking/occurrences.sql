{#- The example of what happened several times: the newest one, of one moment that of the smaller id. -#}
{% macro newest(id, moment='occurred_at') -%}
    {{ first_by(id, record({'age': '-' ~ timestamp_to_micros(moment), 'id': id})) }}
{%- endmacro %}


{#- Columns: how often something happened, from when to when, and an example. -#}
{% macro count_and_ends(id, moment='occurred_at') -%}
    count(*) as occurrences, min({{ moment }}) as first_seen_at, max({{ moment }}) as last_seen_at, {{ newest(id, moment) }} as example_id
{%- endmacro %}
