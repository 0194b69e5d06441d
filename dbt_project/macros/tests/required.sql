{#- Rows that lack one of the columns that every row must have. Marts need no such test: their contracts say it. -#}
{% test required(model, columns) %}
select *
from {{ model }}
where {{ columns | join(' is null or ') }} is null
{% endtest %}
