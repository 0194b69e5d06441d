{#- Bounds of periods that are open: earlier and later than any day an import may name. -#}
{% macro far_past() -%}cast('1900-01-01' as date){%- endmacro %}

{% macro far_future() -%}cast('9999-12-31' as date){%- endmacro %}
