-- A company's health model (own rows before `*` rows) with a negative weight, or without any weight above 0.
-- The files are judged before a run loads anything (ingestion/seeds); this guards `dbt build` by hand.
select
    company_id,
    min(weight) as smallest_weight,
    sum(weight) as weights
from {{ ref('stg_health_model') }}
group by company_id
having not coalesce(min(weight) >= 0 and sum(weight) > 0, false)
