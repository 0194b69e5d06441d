-- A company's health model (own rows before `*` rows) with a negative weight, or without any weight above 0.
select
    company_id,
    min(weight) as smallest_weight,
    sum(weight) as weights
from {{ ref('stg_health_model') }}
group by company_id
having not coalesce(min(weight) >= 0 and sum(weight) > 0, false)
