{{ config(severity='warn') }}
-- Rules of steady signals that cannot be meant: days that are no whole number from 1 up, a switch that is neither 0 nor
-- 1, or a threshold for closing that is stricter than the one for opening, so that a signal that just opened is off.
with

rules as (

    select * from {{ ref('stg_signal_rules') }}

)

select
    rules.company_id,
    rules.signal_type,
    rules.parameter,
    rules.value
from rules
where (parameter = 'hold_days' and (value < 1 or value <> floor(value)))
    or (parameter = 'use_fleet' and value not in (0, 1))

union all

select
    closing.company_id,
    closing.signal_type,
    closing.parameter,
    closing.value
from rules as closing
inner join rules as opening
    on closing.company_id = opening.company_id
    and closing.signal_type = opening.signal_type
where (closing.parameter = 'close_ratio' and opening.parameter = 'max_ratio' and closing.value < opening.value)
    or (closing.parameter = 'close_ratio' and opening.parameter = 'min_ratio' and closing.value > opening.value)
    or (
        closing.parameter = 'close_health_score'
        and opening.parameter = 'max_health_score'
        and closing.value < opening.value
    )
