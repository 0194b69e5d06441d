{{ config(meta={'dagster': {'ref': {'name': 'revenue_kpis'}}}) }}
-- The KPI is the MRR of the band `at_risk`.
select
    kpis.company_id,
    kpis.revenue_at_risk,
    bands.mrr
from {{ ref('revenue_kpis') }} as kpis
inner join {{ ref('revenue_by_health') }} as bands on kpis.company_id = bands.company_id
where bands.health_band = 'at_risk'
    and bands.mrr <> kpis.revenue_at_risk
