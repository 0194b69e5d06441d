with

health as (

    select * from {{ ref('int_health_scores') }}
    where date_day = {{ as_of_date() }}

),

models as (

    select * from {{ ref('int_health_model') }}

),

list_components as (

    {% for component in health_components() -%}
    select
        company_id,
        app_id,
        external_org_id,
        '{{ component }}' as component,
        cast({{ loop.index }} as bigint) as sort_order,
        {{ component }}_measure as measure,
        {{ component }}_score as component_score,
        {{ shared_weight(component) }} as weight
    from health
    {% if not loop.last %}
    union all

    {% endif -%}
    {% endfor %}
),

split_weights as (

    select
        list_components.company_id,
        list_components.app_id,
        list_components.external_org_id,
        list_components.component,
        list_components.sort_order,
        list_components.measure,
        list_components.component_score,
        list_components.weight,
        list_components.weight * list_components.component_score / 100 as contribution,
        list_components.weight - list_components.weight * list_components.component_score / 100 as points_lost,
        models.model_version,
        {{ as_of_date() }} as as_of_date
    from list_components
    inner join models
        on list_components.company_id = models.company_id

)

select
    *,
    {{ label_and_order('component') }}
from {{ described('split_weights', 'display_name') }}
