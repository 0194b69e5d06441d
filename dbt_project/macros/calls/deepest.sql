{#- Of several groups the deepest is the one of the greatest level, then with most links, then of the smaller id. -#}
{% macro deepest(value, condition) -%}
    {{ first_by("case when " ~ condition ~ " then " ~ value ~ " end", record({
        'level': '-level', 'links': '-links', 'group_id': 'group_id',
    })) }}
{%- endmacro %}
