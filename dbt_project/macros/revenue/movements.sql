{#- The kinds of MRR movements, in the order in which they are shown. -#}
{% macro movements() -%}
    {{ return(['new', 'reactivation', 'expansion', 'contraction', 'churn', 'fx']) }}
{%- endmacro %}
