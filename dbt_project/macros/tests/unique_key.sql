{#- Rows of a table whose key is null in a part or not unique: the test of every composite key. -#}
{% test unique_key(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as rows_of_key
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 or count(*) > count({{ columns | join(') or count(*) > count(') }})
{% endtest %}
