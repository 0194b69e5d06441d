{#- The texts of a group, sorted and joined. An engine's own aggregate sorts differently spelled. -#}
{% macro sorted_list(text, separator=',') -%}
    {{ return(adapter.dispatch('sorted_list', 'saas_tracker')(text, separator)) }}
{%- endmacro %}

{% macro default__sorted_list(text, separator) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ text }})
{%- endmacro %}

{% macro spark__sorted_list(text, separator) -%}
    array_join(sort_array(collect_list({{ text }})), '{{ separator }}')
{%- endmacro %}
