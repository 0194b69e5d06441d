-- A company's health model whose weights are not 100 points in all (`*` rows included).
select
    company_id,
    sum(weight) as weights
from {{ ref('stg_health_model') }}
group by company_id
having abs(sum(weight) - 100) > 0.000001
