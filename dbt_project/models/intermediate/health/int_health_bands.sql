with

bands as (

    select * from {{ ref('stg_health_bands') }}

),

close_ranges as (

    select
        company_id,
        health_band,
        min_score,
        lead(min_score) over (partition by company_id order by min_score) as below_score
    from bands
    where min_score is not null

)

select * from close_ranges
