with

companies as (

    select * from {{ ref('stg_companies') }}

),

organizations as (

    select * from {{ ref('int_paying_organizations') }}

),

list_segments as (

    {% for segment in ['champions', 'expansion', 'revenue_at_risk', 'low_value'] -%}
    select
        company_id,
        '{{ segment }}' as segment
    from companies
    {% if not loop.last %}
    union all

    {% endif -%}
    {%- endfor -%}

),

sum_segments as (

    select
        list_segments.company_id,
        list_segments.segment,
        max(organizations.min_high_mrr) as min_high_mrr,
        count(organizations.external_org_id) as organizations,
        {{ sum_money('organizations.mrr') }} as mrr,
        -- Exact: the mean of floats depends on the order in which they are added.
        {{ ratio('sum(cast(organizations.health_score as decimal(18, 1)))', 'count(organizations.health_score)') }}
            as avg_health_score
    from list_segments
    left join organizations
        on list_segments.company_id = organizations.company_id
        and list_segments.segment = organizations.segment
    group by list_segments.company_id, list_segments.segment

)

select
    company_id,
    reporting_currency,
    segment,
    {{ label_and_order('segment') }},
    organizations,
    mrr,
    {{ ratio('mrr', 'sum(mrr) over (partition by company_id)') }} as share_of_mrr,
    avg_health_score,
    {{ money_per('mrr', 'organizations') }} as avg_mrr,
    cast({{ var('good_health_min_score') }} as double) as min_good_health_score,
    max(min_high_mrr) over (partition by company_id) as min_high_mrr,
    {{ as_of_date() }} as as_of_date
from {{ described('sum_segments', 'reporting_currency') }}
