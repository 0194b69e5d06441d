{#- Rows for which an identity does not hold (null counts as not holding). -#}
{% test expression_holds(model, expression) %}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
