{#- Values outside a closed range; null is no value. -#}
{% test within_range(model, column_name, least, most) %}
select *
from {{ model }}
where {{ column_name }} < {{ least }} or {{ column_name }} > {{ most }}
{% endtest %}
