{{ config(materialized='view') }}
{% set components = health_components() -%}
with

measures as (

    select * from {{ ref('int_health_measures') }}

),

models as (

    select * from {{ ref('int_health_model') }}

),

bands as (

    select * from {{ ref('stg_health_bands') }}
    where min_score is not null

),

close_bands as (

    select
        *,
        lead(min_score) over (partition by company_id order by min_score) as below_score
    from bands

),

score_components as (

    select
        measures.*
        {%- for component in components %},
        models.{{ component }}_weight,
        cast(coalesce(measures.{{ component }}_score_without_ratio, {{ linear_score(
            'measures.' ~ component ~ '_measure',
            'models.' ~ component ~ '_score_0_at',
            'models.' ~ component ~ '_score_100_at'
        ) }}) as double) as {{ component }}_score
        {%- endfor %}
    from measures
    inner join models
        on measures.company_id = models.company_id

),

weigh_components as (

    -- A component that cannot be measured gives its weight to the others.
    select
        *,
        {% for component in components -%}
        case when {{ component }}_score is not null then {{ component }}_weight else 0 end
        {{- ' + ' if not loop.last }}
        {% endfor -%}
        as measured_weight,
        {% for component in components -%}
        coalesce({{ component }}_weight * {{ component }}_score, 0)
        {{- ' + ' if not loop.last }}
        {% endfor -%}
        as weighted_scores
    from score_components

),

lose_points as (

    select
        *,
        {{ round_half_up(ratio('weighted_scores', 'measured_weight'), 1) }} as health_score,
        greatest(
            {%- for component in components %}
            coalesce({{ component }}_weight * (100 - {{ component }}_score), 0){{ ',' if not loop.last }}
            {%- endfor %}
        ) as largest_loss
    from weigh_components

),

name_drivers_and_bands as (

    -- The tolerance keeps losses equal that differ in the last bits of a double alone.
    select
        lose_points.*,
        case
            {%- for component in components %}
            when lose_points.largest_loss > 0.000001
                and lose_points.{{ component }}_weight * (100 - lose_points.{{ component }}_score)
                >= lose_points.largest_loss - 0.000001
                then '{{ component }}'
            {%- endfor %}
        end as main_driver,
        case
            when lose_points.events_30d = 0 then 'no_recent_activity'
            else bands.health_band
        end as health_band
    from lose_points
    left join close_bands as bands
        on lose_points.company_id = bands.company_id
        and lose_points.health_score >= bands.min_score
        and (lose_points.health_score < bands.below_score or bands.below_score is null)

)

select * from name_drivers_and_bands
