{{ config(severity='warn') }}
-- A company with own rows whose health model does not come to 100 points. Its scores are weighted means all the same;
-- it may be that a weight was raised and the others were forgotten.
with

list_own as (

    -- Distinct: a company may have several own rows.
    select distinct company_id
    from {{ ref('health_model') }}

)

select
    models.company_id,
    sum(models.weight) as weights
from {{ ref('stg_health_model') }} as models
inner join list_own on models.company_id = list_own.company_id
group by models.company_id
having abs(sum(models.weight) - 100) > 0.000001
