-- The default health model: its weights are points of 100.
select sum(weight) as weights
from {{ ref('health_model') }}
where company_id = '*'
having abs(sum(weight) - 100) > 0.000001
