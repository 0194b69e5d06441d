{#- Rows of a table whose key is null in a part or not unique: the test of every composite key. Where an engine does
    not enforce the contract's `not_null` constraints, their columns are looked at here too. -#}
{% test unique_key(model, columns) %}
{%- set required = columns + unenforced_columns(model) %}
select
    {{ columns | join(', ') }},
    count(*) as rows_of_key
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 or count(*) > count({{ required | join(') or count(*) > count(') }})
{% endtest %}
