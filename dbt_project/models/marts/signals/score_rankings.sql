{% set counts = ['organizations', 'lost', 'pairs', 'top_decile'] -%}
{% set sums = ['mrr_lost', 'pairs_in_order', 'top_decile_lost', 'top_decile_mrr_lost'] -%}
with

companies as (

    select * from {{ ref('stg_companies') }}

),

rankings_monthly as (

    select * from {{ ref('score_rankings_monthly') }}

),

list_rankings as (

    {%- for ranking in ['health_score', 'usage_ratio', 'mrr', 'tenure', 'random'] %}
    select company_id, '{{ ranking }}' as ranking from companies
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}

),

sum_months as (

    select
        rankings.company_id,
        rankings.ranking
        {%- for name in counts %},
        cast(coalesce(sum(monthly.{{ name }}), 0) as bigint) as {{ name }}
        {%- endfor %}
        {%- for name in sums %},
        sum(monthly.{{ name }}) as {{ name }}
        {%- endfor %}
    from list_rankings as rankings
    left join rankings_monthly as monthly
        on rankings.company_id = monthly.company_id
        and rankings.ranking = monthly.ranking
    group by rankings.company_id, rankings.ranking

),

compute_rates as (

    select
        company_id,
        ranking,
        organizations as organization_months,
        lost,
        organizations - lost as kept,
        {{ ratio('pairs_in_order', 'pairs') }} as auc,
        {{ ratio('top_decile_lost', 'top_decile') }} as precision_top_decile,
        {{ ratio('top_decile_mrr_lost', 'mrr_lost') }} as mrr_captured_top_decile
    from sum_months

),

add_intervals as (

    select
        *,
        {{ hanley_mcneil_bound('auc', 'lost', 'kept', 'low') }} as auc_low,
        {{ hanley_mcneil_bound('auc', 'lost', 'kept', 'high') }} as auc_high,
        max(case when ranking = 'mrr' then mrr_captured_top_decile end) over (partition by company_id)
            as mrr_captured_by_mrr
    from compute_rates

)

select
    company_id,
    ranking,
    {{ label_and_order('ranking') }},
    organization_months,
    lost,
    auc,
    auc_low,
    auc_high,
    precision_top_decile,
    mrr_captured_top_decile,
    case
        when ranking <> 'health_score' then null
        when lost < 30 then 'too_few_losses'
        when coalesce(auc_low, 0) <= 0.5 then 'no_better_than_chance'
        when mrr_captured_top_decile <= mrr_captured_by_mrr then 'no_better_than_sorting_by_mrr'
        else 'useful'
    end as verdict,
    {{ as_of_date() }} as as_of_date
from add_intervals
