{{ config(materialized='ephemeral') }}
with

judged_episodes as (

    select * from {{ ref('int_backtest_episodes') }}
    where verdict = 'judged'

),

signal_days as (

    select * from {{ ref('int_signal_days') }}
    where app_id = 'all'

),

mrr_periods as (

    select * from {{ ref('int_constant_rate_mrr') }}
    where mrr > 0

),

paying_counts as (

    select * from {{ ref('int_paying_organization_counts') }}

),

list_opening_days as (

    -- Distinct: a day on which several episodes opened is compared with once.
    select distinct
        company_id,
        signal_type,
        opened_on as date_day
    from judged_episodes

),

list_counts as (

    select
        opening_days.company_id,
        opening_days.signal_type,
        paying_counts.paying,
        paying_counts.losing,
        paying_counts.growing
    from list_opening_days as opening_days
    inner join paying_counts
        on opening_days.company_id = paying_counts.company_id
        and opening_days.date_day between paying_counts.valid_from and paying_counts.valid_to

    union all

    -- Those that had the signal on the day are not compared with.
    select
        opening_days.company_id,
        opening_days.signal_type,
        -1 as paying,
        {%- for counted_as, turn in [('losing', 'next_lower_on'), ('growing', 'next_higher_on')] %}
        case
            when mrr_periods.{{ turn }} <= {{ add_days('opening_days.date_day', var('backtest_days')) }} then -1
            else 0
        end as {{ counted_as }}{{ ',' if not loop.last }}
        {%- endfor %}
    from list_opening_days as opening_days
    inner join signal_days
        on opening_days.company_id = signal_days.company_id
        and opening_days.signal_type = signal_days.signal_type
        and opening_days.date_day = signal_days.date_day
    inner join mrr_periods
        on signal_days.company_id = mrr_periods.company_id
        and signal_days.external_org_id = mrr_periods.external_org_id
        and signal_days.date_day between mrr_periods.valid_from and mrr_periods.valid_to

),

sum_types as (

    select
        company_id,
        signal_type,
        cast(sum(paying) as bigint) as comparison_days,
        cast(sum(losing) as bigint) as comparison_days_lost,
        cast(sum(growing) as bigint) as comparison_days_grown
    from list_counts
    group by company_id, signal_type

)

select * from sum_types
