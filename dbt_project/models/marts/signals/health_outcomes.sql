{% set first_pending_month = start_of('month', add_days(as_of_date(), 1 - var('backtest_days'))) -%}
{% set first_judged_month = add_months(first_pending_month, -var('judged_months')) -%}
{% set judged_on = add_days('month_ends.month_end', var('backtest_days')) -%}
with

intervals as (

    select * from {{ ref('int_subscription_active_intervals') }}

),

rates as (

    select * from {{ ref('int_exchange_rate_periods') }}

),

health as (

    select * from {{ ref('int_organization_health_daily') }}
    where app_id = 'all' and health_score is not null

),

metrics as (

    select * from {{ ref('int_organization_metrics_daily') }}
    where app_id = 'all'

),

list_months as (

    select {{ month_rows(first_judged_month, add_months(first_pending_month, -1)) }} as month

),

find_month_ends as (

    select {{ month_end('month') }} as month_end
    from list_months

),

convert_amounts as (

    -- Both days at the rates of the month end: a currency that moves is no loss.
    select
        intervals.company_id,
        intervals.external_org_id,
        month_ends.month_end,
        month_ends.month_end between intervals.active_from and intervals.active_to as counted_then,
        {{ judged_on }} between intervals.active_from and intervals.active_to as counted_later,
        {{ convert_amount('intervals.mrr_original', 'rates.currency_units', 'rates.reporting_units') }} as mrr
    from find_month_ends as month_ends
    inner join intervals
        on {{ judged_on }} >= intervals.active_from
        and month_ends.month_end <= intervals.active_to
    inner join rates
        on intervals.company_id = rates.company_id
        and intervals.currency = rates.currency
        and month_ends.month_end between rates.valid_from and rates.valid_to

),

sum_organizations as (

    select
        company_id,
        external_org_id,
        month_end,
        {{ sum_money('case when counted_then then mrr end') }} as mrr,
        {{ sum_money('case when counted_later then mrr end') }} as mrr_later
    from convert_amounts
    group by company_id, external_org_id, month_end

),

judge_months as (

    select
        mrr.*,
        health.health_score,
        health.health_band,
        {{ ratio('metrics.events_30d', 'metrics.events_previous_30d') }} as usage_ratio,
        first_mrr_days.first_mrr_day as first_paid_on
    from sum_organizations as mrr
    {%- for part in ['health', 'metrics'] %}
    inner join {{ part }}
        on mrr.company_id = {{ part }}.company_id
        and mrr.external_org_id = {{ part }}.external_org_id
        and mrr.month_end = {{ part }}.date_day
    {%- endfor %}
    inner join {{ ref('int_organization_first_mrr_day') }} as first_mrr_days
        on mrr.company_id = first_mrr_days.company_id
        and mrr.external_org_id = first_mrr_days.external_org_id
    where mrr.mrr > 0

)

select
    company_id,
    reporting_currency,
    external_org_id,
    display_name,
    month_end,
    health_score,
    health_band,
    {{ label_and_order('health_band') }},
    usage_ratio,
    first_paid_on,
    mrr,
    mrr_later,
    greatest(mrr - mrr_later, cast(0 as decimal(18, 2))) as mrr_lost,
    mrr_later < mrr as is_lost,
    {{ as_of_date() }} as as_of_date
from {{ described('judge_months', 'display_name', 'reporting_currency') }}
