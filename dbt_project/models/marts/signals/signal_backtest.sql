with

companies as (

    select * from {{ ref('stg_companies') }}

),

signal_types as (

    select * from {{ ref('signal_types') }}

),

episodes as (

    select * from {{ ref('int_backtest_sums') }}

),

comparison as (

    select * from {{ ref('int_backtest_comparison') }}

),

churn as (

    select * from {{ ref('int_backtest_churn') }}

),

gather_counts as (

    select
        companies.company_id,
        signal_types.signal_type,
        case when signal_types.is_risk then 'lost' else 'grown' end as outcome,
        {%- for count in [
            'episodes', 'episodes_pending', 'episodes_from_start', 'episodes_not_paying', 'episodes_judged',
            'episodes_lost', 'episodes_grown',
            'organizations_judged', 'organizations_lost', 'organizations_grown',
        ] %}
        coalesce(episodes.{{ count }}, 0) as {{ count }},
        {%- endfor %}
        case when signal_types.is_risk then episodes.episodes_lost else episodes.episodes_grown end
            as episodes_with_outcome,
        coalesce(comparison.comparison_days, 0) as comparison_days,
        case
            when signal_types.is_risk then comparison.comparison_days_lost
            else comparison.comparison_days_grown
        end as comparison_days_with_outcome,
        coalesce(churn.churned_mrr, cast(0 as decimal(18, 2))) as churned_mrr,
        coalesce(churn.churned_mrr_with_signal, cast(0 as decimal(18, 2))) as churned_mrr_with_signal,
        episodes.median_lead_days
    from companies
    cross join signal_types
    {%- for part in ['episodes', 'comparison', 'churn'] %}
    left join {{ part }}
        on companies.company_id = {{ part }}.company_id
        and signal_types.signal_type = {{ part }}.signal_type
    {%- endfor %}

),

compute_rates as (

    select
        *,
        {{ ratio('episodes_with_outcome', 'episodes_judged') }} as precision_rate,
        {{ ratio('comparison_days_with_outcome', 'comparison_days') }} as base_rate,
        {{ ratio('churned_mrr_with_signal', 'churned_mrr') }} as churned_mrr_share
    from gather_counts

)

select
    company_id,
    reporting_currency,
    signal_type,
    signal_type_label,
    signal_type_order,
    outcome,
    episodes,
    episodes_pending,
    episodes_from_start,
    episodes_not_paying,
    episodes_judged,
    episodes_lost,
    episodes_grown,
    organizations_judged,
    organizations_lost,
    organizations_grown,
    precision_rate,
    {{ wilson_bound('episodes_with_outcome', 'episodes_judged', 'low') }} as precision_low,
    {{ wilson_bound('episodes_with_outcome', 'episodes_judged', 'high') }} as precision_high,
    comparison_days,
    base_rate,
    {{ ratio('precision_rate', 'base_rate') }} as lift,
    churned_mrr,
    churned_mrr_with_signal,
    churned_mrr_share,
    median_lead_days,
    cast({{ var('backtest_days') }} as bigint) as horizon_days,
    {{ as_of_date() }} as as_of_date
from {{ described('compute_rates', 'signal_type', 'reporting_currency') }}
