{{ config(materialized='ephemeral') }}
with

episodes as (

    select * from {{ ref('int_backtest_episodes') }}

),

mrr_periods as (

    select * from {{ ref('int_constant_rate_mrr') }}

),

signal_types as (

    select * from {{ ref('signal_types') }}

),

first_scans as (

    select * from {{ ref('int_first_scans') }}

),

list_churns as (

    -- Before the first scan no signal could have been seen.
    select
        mrr_periods.company_id,
        mrr_periods.external_org_id,
        mrr_periods.valid_from as churned_on,
        mrr_periods.previous_mrr as churned_mrr
    from mrr_periods
    inner join first_scans
        on mrr_periods.company_id = first_scans.company_id
        and mrr_periods.valid_from > first_scans.first_scanned_on
    where mrr_periods.mrr = 0 and mrr_periods.previous_mrr > 0

),

find_signals as (

    select
        churns.company_id,
        signal_types.signal_type,
        churns.external_org_id,
        churns.churned_on,
        churns.churned_mrr,
        count(episodes.opened_on) > 0 as had_signal
    from list_churns as churns
    cross join signal_types
    left join episodes
        on churns.company_id = episodes.company_id
        and churns.external_org_id = episodes.external_org_id
        and signal_types.signal_type = episodes.signal_type
        and churns.churned_on > episodes.opened_on
        and {{ add_days('churns.churned_on', -var('backtest_days')) }} <= episodes.last_held_on
    group by
        churns.company_id,
        signal_types.signal_type,
        churns.external_org_id,
        churns.churned_on,
        churns.churned_mrr

),

sum_types as (

    select
        company_id,
        signal_type,
        {{ sum_money('churned_mrr') }} as churned_mrr,
        {{ sum_money('case when had_signal then churned_mrr end') }} as churned_mrr_with_signal
    from find_signals
    group by company_id, signal_type

)

select * from sum_types
