with

changes as (

    select * from {{ ref('int_health_changes') }}

),

health as (

    select * from {{ ref('int_health_scores') }}
    where {{ within_windows('date_day', 2) }}

),

join_days as (

    -- Without a score on both days there is nothing to compare: the inner joins leave such changes out.
    select
        changes.company_id,
        changes.app_id,
        changes.external_org_id,
        changes.changed_on,
        changes.compared_on
        {%- for component in health_components() %},
        health_before.{{ component }}_measure as {{ component }}_measure_before,
        health.{{ component }}_measure,
        health_before.{{ component }}_score as {{ component }}_score_before,
        health.{{ component }}_score,
        {{ shared_weight(component, 'health_before') }} as {{ component }}_weight_before,
        {{ shared_weight(component, 'health') }} as {{ component }}_weight
        {%- endfor %}
    from changes
    {%- for day, source in [('compared_on', 'health_before'), ('changed_on', 'health')] %}
    inner join health{{ ' as health_before' if source == 'health_before' }}
        on changes.company_id = {{ source }}.company_id
        and changes.app_id = {{ source }}.app_id
        and changes.external_org_id = {{ source }}.external_org_id
        and changes.{{ day }} = {{ source }}.date_day
    {%- endfor %}

),

list_components as (

    {% for component in health_components() -%}
    select
        company_id,
        app_id,
        external_org_id,
        changed_on,
        compared_on,
        '{{ component }}' as component,
        cast({{ loop.index }} as bigint) as sort_order,
        {{ component }}_measure_before as measure_before,
        {{ component }}_measure as measure,
        {{ component }}_score_before as component_score_before,
        {{ component }}_score as component_score,
        {{ component }}_weight as weight,
        {{ component }}_weight_before * {{ component }}_score_before / 100 as contribution_before,
        {{ component }}_weight * {{ component }}_score / 100 as contribution
    from join_days
    {% if not loop.last %}
    union all

    {% endif -%}
    {% endfor %}
)

select
    company_id,
    app_id,
    external_org_id,
    display_name,
    changed_on,
    compared_on,
    component,
    {{ label_and_order('component') }},
    sort_order,
    measure_before,
    measure,
    component_score_before,
    component_score,
    weight,
    contribution_before,
    contribution,
    contribution - contribution_before as contribution_change,
    {{ as_of_date() }} as as_of_date
from {{ described('list_components', 'display_name') }}
