with

mrr_trend as (

    select * from {{ ref('mrr_trend') }}

),

movements as (

    select * from {{ ref('mrr_movements') }}

),

pivot_movements as (

    select
        company_id,
        month
        {%- for movement in movements() %},
        {{ sum_money("case when movement = '" ~ movement ~ "' then amount end") }} as {{ movement }},
        count(case when movement = '{{ movement }}' then 1 end) as {{ movement }}_orgs
        {%- endfor %}
    from movements
    group by company_id, month

),

fill_months as (

    select
        mrr_trend.company_id,
        mrr_trend.month,
        mrr_trend.mrr_previous as opening_mrr,
        {%- for movement in movements() %}
        coalesce(pivot_movements.{{ movement }}, cast(0 as decimal(18, 2))) as {{ movement }},
        coalesce(pivot_movements.{{ movement }}_orgs, 0) as {{ movement }}_orgs,
        {%- endfor %}
        mrr_trend.mrr as closing_mrr
    from mrr_trend
    left join pivot_movements
        on mrr_trend.company_id = pivot_movements.company_id
        and mrr_trend.month = pivot_movements.month

)

select
    company_id,
    month,
    reporting_currency,
    opening_mrr,
    {%- for movement in movements() %}
    {{ movement }},
    {%- endfor %}
    closing_mrr
    {%- for movement in movements() %},
    {{ movement }}_orgs
    {%- endfor %}
from {{ described('fill_months', 'reporting_currency') }}
