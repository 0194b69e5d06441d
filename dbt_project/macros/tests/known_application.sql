{#- Rows of a reference table for an application that is not registered: they apply to nothing. -#}
{% test known_application(model) %}
select rules.*
from {{ model }} as rules
left join {{ ref('stg_applications') }} as applications
    on rules.app_id = applications.app_id
    and (rules.company_id = applications.company_id or rules.company_id = '*')
where rules.app_id <> '*' and applications.app_id is null
{% endtest %}
