{#- Rows of a reference table for a company or an application that is not registered: they apply to nobody. -#}
{% test known_owner(model, columns) %}
select rules.*
from {{ model }} as rules
left join {{ ref('stg_companies') }} as companies
    on rules.company_id = companies.company_id
{%- if 'app_id' in columns %}
left join {{ ref('stg_applications') }} as applications
    on rules.app_id = applications.app_id
    and (rules.company_id = applications.company_id or rules.company_id = '*')
{%- endif %}
where (rules.company_id <> '*' and companies.company_id is null)
{%- if 'app_id' in columns %}
    or (rules.app_id <> '*' and applications.app_id is null)
{%- endif %}
{% endtest %}
