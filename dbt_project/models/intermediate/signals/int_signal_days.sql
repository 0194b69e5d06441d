{{ config(materialized='incremental', pre_hook="{{ delete_from_day_on('signals', ['company_id']) }}") }}
{% set keys = 'company_id, app_id, external_org_id, signal_type' -%}
with

rules as (

    select * from {{ ref('stg_signal_rules') }}
    where parameter = 'hold_days'

),

stack_types as (

    {%- for signal_type in signal_types() %}
    select {{ signal_day_columns() | join(', ') }}
    from {{ ref('int_signal_' ~ signal_type) }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

),

find_condition_runs as (

    -- Consecutive days minus their number give one day: the run that they form.
    select
        *,
        {{ add_days('date_day', '-' ~ day_number(keys ~ ', is_condition_met')) }} as condition_run
    from stack_types

),

find_openings as (

    -- The table keeps the days before those that a build computes again: what is on on the last of them is open.
    select
        days.*,
        (
            days.is_condition_met
            and days.date_day >= {{ add_days(
                'min(days.date_day) over (partition by days.company_id, days.app_id, days.external_org_id,'
                ~ ' days.signal_type, days.is_condition_met, days.condition_run)',
                'cast(coalesce(rules.value, 1) as integer) - 1'
            ) }}
        ) or {{ 'day_before.date_day is not null' if is_incremental() else 'false' }} as may_open
    from find_condition_runs as days
    left join rules
        on days.company_id = rules.company_id
        and days.signal_type = rules.signal_type
    {%- if is_incremental() %}
    left join {{ this }} as day_before
        on days.company_id = day_before.company_id
        and days.app_id = day_before.app_id
        and days.external_org_id = day_before.external_org_id
        and days.signal_type = day_before.signal_type
        and days.date_day = {{ add_days('day_before.date_day', 1) }}
    {%- endif %}

),

find_staying_runs as (

    select
        *,
        {{ add_days('date_day', '-' ~ day_number(keys)) }} as staying_run
    from find_openings
    where may_stay

),

find_first_openings as (

    select
        *,
        min(case when may_open then date_day end) over (partition by {{ keys }}, staying_run) as opened_on
    from find_staying_runs

),

add_priorities as (

    select
        company_id,
        app_id,
        external_org_id,
        signal_type,
        date_day,
        is_condition_met,
        cast(severity as double) as severity,
        {{ round_half_up('100 * (0.3e0 + 0.7e0 * severity) * (0.25e0 + 0.75e0 * mrr_rank)', 1) }} as priority,
        mrr,
        health_score,
        events_30d,
        events_previous_30d,
        usage_ratio,
        days_since_last_seen,
        explanation
    from find_first_openings
    where date_day >= opened_on

)

select add_priorities.*
from add_priorities
{{ only_recomputed('signals', 'add_priorities', ['company_id']) }}
