{{ config(meta={'dagster': {'ref': {'name': 'revenue_kpis'}}}) }}
-- MRR and paying organizations are the same numbers, however they are cut and by whichever way they were computed.
-- So is revenue at risk: the MRR of the band `at_risk`.
-- Null: a part that cannot tell the organizations, because one may be in several of its rows.
{%- set parts = [
    ('revenue_by_health', 'true', 'sum(organizations)', 'mrr'),
    ('revenue_by_health', "health_band = 'at_risk'", 'null', 'revenue_at_risk'),
    ('revenue_health_matrix', 'true', 'sum(organizations)', 'mrr'),
    ('revenue_by_product', 'true', 'null', 'mrr'),
    ('top_revenue_organizations', 'true', 'count(*)', 'mrr'),
    ('organizations', 'true', 'count(case when is_paying then 1 end)', 'mrr'),
    ('subscriptions', 'is_active', 'count(distinct case when mrr > 0 then external_org_id end)', 'mrr'),
    ('int_organization_mrr_daily', 'date_day = ' ~ as_of_date(), 'count(case when mrr > 0 then 1 end)', 'mrr'),
] %}
{%- if mrr_month_rule() == 'month_end' %}
    {%- do parts.append(('mrr_monthly', 'month = ' ~ start_of('month', as_of_date()), 'count(*)', 'mrr')) %}
    {%- do parts.append(('mrr_trend', 'months_ago = 0', 'sum(paying_orgs)', 'mrr')) %}
{%- endif %}
with

sum_parts as (

    {%- for model, condition, paying_orgs, kpi in parts %}
    select
        company_id,
        '{{ model }}' as part,
        '{{ kpi }}' as kpi,
        sum(mrr) as mrr,
        cast({{ paying_orgs }} as bigint) as paying_orgs
    from {{ ref(model) }}
    where {{ condition }}
    group by company_id
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

),

list_parts as (

    {%- for model, condition, paying_orgs, kpi in parts %}
    select
        company_id,
        '{{ model }}' as part,
        '{{ kpi }}' as kpi,
        {{ kpi }} as mrr,
        {{ 'null' if paying_orgs == 'null' else 'paying_orgs' }} as paying_orgs
    from {{ ref('revenue_kpis') }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

)

select
    list_parts.company_id,
    list_parts.part,
    list_parts.kpi,
    list_parts.mrr,
    sum_parts.mrr as mrr_of_parts,
    list_parts.paying_orgs,
    sum_parts.paying_orgs as paying_orgs_of_parts
from list_parts
left join sum_parts
    on list_parts.company_id = sum_parts.company_id
    and list_parts.part = sum_parts.part
    and list_parts.kpi = sum_parts.kpi
where coalesce(sum_parts.mrr, 0) <> list_parts.mrr
    or (list_parts.paying_orgs is not null and coalesce(sum_parts.paying_orgs, 0) <> list_parts.paying_orgs)
