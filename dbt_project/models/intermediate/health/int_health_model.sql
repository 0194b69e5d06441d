with

components as (

    select * from {{ ref('stg_health_model') }}

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

)

select * from spread_components
