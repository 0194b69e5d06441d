{#-
    dbt's own tests, but for what they select: whole rows, since a row's company_id says whom a failed test holds back
    (docs/quality.md).
-#}
{% macro default__test_accepted_values(model, column_name, values, quote=true) %}
select *
from {{ model }}
where
    {{ column_name }} not in (
        {%- for value in values -%}
            {{ "'" ~ value ~ "'" if quote else value }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
{% endmacro %}


{% macro default__test_unique(model, column_name) %}
select *
from {{ model }}
where
    {{ column_name }} in (
        select {{ column_name }} from {{ model }}
        group by {{ column_name }}
        having count(*) > 1
    )
{% endmacro %}


{% macro default__test_not_null(model, column_name) %}
select *
from {{ model }}
where {{ column_name }} is null
{% endmacro %}


{% macro default__test_relationships(model, column_name, to, field) %}
select child.*
from {{ model }} as child
left join {{ to }} as parent
    on child.{{ column_name }} = parent.{{ field }}
where child.{{ column_name }} is not null and parent.{{ field }} is null
{% endmacro %}
