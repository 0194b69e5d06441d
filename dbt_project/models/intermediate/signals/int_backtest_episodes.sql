with

episodes as (

    select * from {{ ref('int_signal_episodes') }}
    where app_id = 'all'

),

first_scans as (

    select * from {{ ref('int_first_scans') }}

),

hold_rules as (

    select * from {{ ref('stg_signal_rules') }}
    where parameter = 'hold_days'

),

mrr_periods as (

    select * from {{ ref('int_constant_rate_mrr') }}

),

look_ahead as (

    select
        episodes.company_id,
        episodes.external_org_id,
        episodes.signal_type,
        episodes.opened_on,
        episodes.last_held_on,
        -- A condition that was met on the first scanned day opens its episode when it has held.
        {{ add_days('first_scans.first_scanned_on', 'cast(coalesce(hold_rules.value, 1) as integer) - 1') }}
            as first_opening_on,
        coalesce(mrr_periods.mrr, 0) as mrr_at_open,
        {%- for outcome, turn in [('lost', 'next_lower_on'), ('grown', 'next_higher_on')] %}
        case
            when mrr_periods.{{ turn }} <= {{ add_days('episodes.opened_on', var('backtest_days')) }}
                then mrr_periods.{{ turn }}
        end as {{ outcome }}_on{{ ',' if not loop.last }}
        {%- endfor %}
    from episodes
    inner join first_scans on episodes.company_id = first_scans.company_id
    left join hold_rules
        on episodes.company_id = hold_rules.company_id
        and episodes.signal_type = hold_rules.signal_type
    left join mrr_periods
        on episodes.company_id = mrr_periods.company_id
        and episodes.external_org_id = mrr_periods.external_org_id
        and episodes.opened_on between mrr_periods.valid_from and mrr_periods.valid_to

),

place_episodes as (

    select
        *,
        case
            when opened_on > {{ add_days(as_of_date(), -var('backtest_days')) }} then 'pending'
            when opened_on = first_opening_on then 'from_start'
            when mrr_at_open = 0 then 'not_paying'
            else 'judged'
        end as verdict
    from look_ahead

)

select * from place_episodes
