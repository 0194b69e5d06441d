{{ config(meta={'dagster': {'ref': {'name': 'stg_health_model'}}}) }}
-- Companies whose reference data of health (own rows before `*` rows) gives no score or no band.
-- The files are judged before a run loads anything (ingestion/seeds); this guards `dbt build` by hand.
with

bands as (

    select * from {{ ref('stg_health_bands') }}

),

components as (

    select * from {{ ref('stg_health_model') }}

),

judge_bands as (

    -- Bands that leave a score without a band, overlap or stand in another order than their names say.
    select
        company_id,
        'bands' as problem
    from bands
    group by company_id
    having not coalesce(
        count(*) = 4
        and count(min_score) = 3
        and max(case when health_band = 'at_risk' then min_score end) = 0
        and max(case when health_band = 'watch' then min_score end) > 0
        and max(case when health_band = 'healthy' then min_score end)
        > max(case when health_band = 'watch' then min_score end)
        and max(case when health_band = 'healthy' then min_score end) <= 100,
        false
    )

),

judge_components as (

    -- A component that is missing or unknown, or without a line between two points; a negative weight, or none above 0.
    select
        companies.company_id,
        'components' as problem
    from {{ ref('stg_companies') }} as companies
    left join components on companies.company_id = components.company_id
    group by companies.company_id
    having not coalesce(
        count(case when components.component in ('{{ health_components() | join("', '") }}') then 1 end)
        = {{ health_components() | length }}
        and count(*) = {{ health_components() | length }}
        and count(case when components.score_0_at <> components.score_100_at then 1 end) = count(*)
        and min(components.weight) >= 0
        and sum(components.weight) > 0,
        false
    )

)

select * from judge_bands

union all

select * from judge_components
