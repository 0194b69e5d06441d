{#- Ids that cannot be a folder of the landing zone, or that are reserved. -#}
{% test matches_id(model, column_name, reserved=[]) %}
select *
from {{ model }}
where not {{ regexp_matches(column_name, "'^[a-z0-9][a-z0-9_-]{0,62}$'") }}
{%- for word in reserved %}
    or {{ column_name }} = '{{ word }}'
{%- endfor %}
{% endtest %}
