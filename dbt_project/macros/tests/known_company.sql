{#- Rows of a reference table for a company that is not registered: they apply to nobody. -#}
{% test known_company(model, column_name) %}
select rules.*
from {{ model }} as rules
left join {{ ref('stg_companies') }} as companies
    on rules.{{ column_name }} = companies.company_id
where companies.company_id is null and rules.{{ column_name }} <> '*'
{% endtest %}
