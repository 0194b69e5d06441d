with

components as (

    select * from {{ ref('stg_health_model') }}

),

bands as (

    select * from {{ ref('stg_health_bands') }}

),

spread_components as (

    -- One row per company, so that a day's five components are scored in one pass.
    select
        company_id
        {%- for component in health_components() %}
        {%- for value in ['weight', 'score_0_at', 'score_100_at'] %},
        max(case when component = '{{ component }}' then {{ value }} end) as {{ component }}_{{ value }}
        {%- endfor %}
        {%- endfor %}
    from components
    group by company_id

),

digest_rows as (

    select
        company_id,
        {{ derived_id(['component', exact_text('weight'), exact_text('score_0_at'), exact_text('score_100_at')]) }}
            as row_digest
    from components

    union all

    select
        company_id,
        {{ derived_id(['health_band', exact_text('min_score')]) }} as row_digest
    from bands

),

name_versions as (

    -- Sorted: the order of the rows in the seeds is no other model.
    select
        company_id,
        substring(md5({{ sorted_list('row_digest') }}), 1, 8) as model_version
    from digest_rows
    group by company_id

)

select
    spread_components.*,
    name_versions.model_version
from spread_components
inner join name_versions
    on spread_components.company_id = name_versions.company_id
