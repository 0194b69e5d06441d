with

health as (

    select * from {{ ref('int_organization_health') }}
    where date_day = {{ as_of_date() }}

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
        case
            when {{ component }}_score is not null
                then {{ ratio('100 * ' ~ component ~ '_weight', 'measured_weight') }}
        end as weight
    from health
    {% if not loop.last %}
    union all

    {% endif -%}
    {% endfor %}
),

split_weights as (

    select
        company_id,
        app_id,
        external_org_id,
        component,
        sort_order,
        measure,
        component_score,
        weight,
        weight * component_score / 100 as contribution,
        weight - weight * component_score / 100 as points_lost,
        {{ as_of_date() }} as as_of_date
    from list_components

)

select * from split_weights
