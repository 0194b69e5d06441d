{#- A condition: a name is spelled as planned, or as one of the other names of the plan (a list parted by `|`). -#}
{% macro is_spelled(sent_name, name, also_sent_as) -%}
    ({{ sent_name }} = {{ name }} or {{ is_listed(sent_name, also_sent_as) }})
{%- endmacro %}


{#- A condition: a text is a member of a list that is parted by `|`. -#}
{% macro is_listed(text, list) -%}
    {{ dbt.position("concat('|', " ~ text ~ ", '|')", "concat('|', coalesce(" ~ list ~ ", ''), '|')") }} > 0
{%- endmacro %}


{#- Of several spellings of a property the planned one counts, then the other names, then the smaller name. -#}
{% macro spelling_order(sent_name, name, also_sent_as) -%}
    case
        when {{ sent_name }} = {{ name }} then 0
        when {{ is_listed(sent_name, also_sent_as) }} then 1
        else 2
    end, {{ sent_name }}
{%- endmacro %}
