-- A company without one of the components or with one without a line (both points equal).
with

companies as (

    select company_id from {{ ref('stg_companies') }}

),

components as (

    {% for component in health_components() -%}
    select '{{ component }}' as component{{ ' union all' if not loop.last }}
    {% endfor %}
),

models as (

    select * from {{ ref('stg_health_model') }}

)

select
    companies.company_id,
    components.component
from companies
cross join components
left join models
    on companies.company_id = models.company_id
    and components.component = models.component
where models.component is null or models.score_0_at = models.score_100_at
