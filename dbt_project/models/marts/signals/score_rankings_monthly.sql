{#- Whom each order puts first: the smallest value. -#}
{% set orders = {
    'health_score': 'health_score',
    'usage_ratio': 'usage_ratio nulls last',
    'mrr': 'mrr desc',
    'tenure': 'first_paid_on desc',
} -%}
with

outcomes as (

    select * from {{ ref('health_outcomes') }}

),

place_organizations as (

    {%- for ranking, order in orders.items() %}
    select
        company_id,
        month_end,
        is_lost,
        mrr_lost,
        '{{ ranking }}' as ranking,
        greatest(floor(count(*) over (partition by company_id, month_end) / 10.0), 1) as top_decile,
        row_number() over (partition by company_id, month_end order by {{ order }}, external_org_id) as place,
        -- Equals stand in the middle of the places that they take together.
        (
            rank() over (partition by company_id, month_end order by {{ order }})
            + count(*) over (partition by company_id, month_end order by {{ order }})
        ) / 2.0e0 as middle_place
    from outcomes
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

),

sum_places as (

    select
        company_id,
        ranking,
        month_end,
        count(*) as organizations,
        count(case when is_lost then 1 end) as lost,
        {{ sum_money('mrr_lost') }} as mrr_lost,
        cast(max(top_decile) as bigint) as top_decile,
        cast(count(case when is_lost and place <= top_decile then 1 end) as double) as top_decile_lost,
        cast({{ sum_money('case when place <= top_decile then mrr_lost end') }} as double) as top_decile_mrr_lost,
        coalesce(sum(case when is_lost then middle_place end), 0) as lost_places
    from place_organizations
    group by company_id, ranking, month_end

),

count_pairs as (

    -- The places of the lost ones, less the lowest that they could have: the kept ones that stand before them.
    select
        *,
        lost * (organizations - lost) as pairs,
        lost * (organizations - lost) - (lost_places - lost * (lost + 1) / 2.0e0) as pairs_in_order
    from sum_places

),

add_random_order as (

    -- What a random order gives on average.
    {%- for ranking, pairs_in_order, top_decile_lost, top_decile_mrr_lost in [
        ('ranking', 'pairs_in_order', 'top_decile_lost', 'top_decile_mrr_lost'),
        (
            "'random'", 'pairs / 2.0e0', ratio('top_decile * lost', 'organizations'),
            ratio('top_decile * mrr_lost', 'organizations'),
        ),
    ] %}
    select
        company_id,
        {{ ranking }} as ranking,
        month_end,
        organizations,
        lost,
        mrr_lost,
        pairs,
        {{ pairs_in_order }} as pairs_in_order,
        top_decile,
        {{ top_decile_lost }} as top_decile_lost,
        {{ top_decile_mrr_lost }} as top_decile_mrr_lost
    from count_pairs
    {{ "where ranking = 'health_score'" if loop.last else 'union all' }}
    {%- endfor %}

)

select
    company_id,
    reporting_currency,
    ranking,
    {{ label_and_order('ranking') }},
    month_end,
    organizations,
    lost,
    mrr_lost,
    pairs,
    pairs_in_order,
    top_decile,
    top_decile_lost,
    top_decile_mrr_lost
from {{ described('add_random_order', 'reporting_currency') }}
