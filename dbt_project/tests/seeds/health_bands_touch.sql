-- A company whose bands leave a score without a band, overlap or stand in another order than their names say.
-- The files are judged before a run loads anything (ingestion/seeds); this guards `dbt build` by hand.
select
    company_id,
    count(*) as bands
from {{ ref('stg_health_bands') }}
group by company_id
having
    count(*) <> 4
    or count(min_score) <> 3
    or not coalesce(max(case when health_band = 'at_risk' then min_score end) = 0, false)
    or not coalesce(
        max(case when health_band = 'watch' then min_score end)
        > max(case when health_band = 'at_risk' then min_score end), false
    )
    or not coalesce(
        max(case when health_band = 'healthy' then min_score end)
        > max(case when health_band = 'watch' then min_score end), false
    )
    or not coalesce(max(case when health_band = 'healthy' then min_score end) <= 100, false)
