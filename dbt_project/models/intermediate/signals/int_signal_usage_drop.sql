{% set opens = 'events_30d < ' ~ events_at('max_ratio') -%}
{% set stays = 'events_30d < ' ~ events_at('close_ratio') -%}
with

{{ signal_inputs(
    'usage_drop',
    ['max_ratio', 'min_previous_events'],
    {'close_ratio': 'max_ratio', 'use_fleet': 0, 'fleet_min_organizations': 10},
) }},

find_days as (

    select
        {{ signal_day('usage_drop', opens, stays) }},
        greatest({{ ratio('max_ratio - usage_ratio', 'max_ratio') }}, 0) as severity,
        {{ sentence_on_as_of_date([
            usage_words(), "' while '", paying_words(), "'; '", last_seen_words(), "'.'",
        ]) }} as explanation
    from candidates
    where mrr > 0
        and events_previous_30d >= min_previous_events
        and ({{ opens }} or {{ stays }})

)

select * from find_days
