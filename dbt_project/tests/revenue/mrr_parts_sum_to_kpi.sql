{{ config(meta={'dagster': {'ref': {'name': 'revenue_kpis'}}}) }}
-- MRR is the same number, however it is cut and by whichever way it was computed.
{%- set parts = [
    ('revenue_by_health', 'true'),
    ('revenue_health_matrix', 'true'),
    ('revenue_by_product', 'true'),
    ('top_revenue_organizations', 'true'),
    ('organizations', 'true'),
    ('subscriptions', 'is_active'),
    ('mrr_monthly', 'month = ' ~ start_of('month', as_of_date())),
    ('mrr_trend', 'months_ago = 0'),
    ('int_organization_mrr_daily', 'date_day = ' ~ as_of_date()),
] %}
with

sum_parts as (

    {%- for model, condition in parts %}
    select company_id, '{{ model }}' as part, sum(mrr) as mrr
    from {{ ref(model) }}
    where {{ condition }}
    group by company_id
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

),

list_parts as (

    {%- for model, condition in parts %}
    select company_id, '{{ model }}' as part, mrr
    from {{ ref('revenue_kpis') }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

)

select
    list_parts.company_id,
    list_parts.part,
    list_parts.mrr,
    sum_parts.mrr as mrr_of_parts
from list_parts
left join sum_parts
    on list_parts.company_id = sum_parts.company_id
    and list_parts.part = sum_parts.part
where coalesce(sum_parts.mrr, 0) <> list_parts.mrr
