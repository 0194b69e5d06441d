{% set opens = 'events_30d >= ' ~ events_at('min_ratio') -%}
{% set stays = 'events_30d >= ' ~ events_at('close_ratio') -%}
with

{{ signal_inputs(
    'expansion_candidate',
    ['min_health_score', 'min_ratio', 'min_previous_events'],
    {'close_ratio': 'min_ratio', 'use_fleet': 0},
) }},

find_days as (

    select
        {{ signal_day('expansion_candidate', opens, stays) }},
        -- Usage that began from nothing is as strong as can be.
        least(greatest(coalesce({{ ratio('usage_ratio - min_ratio', 'min_ratio') }}, 1), 0), 1) as severity,
        {{ sentence_on_as_of_date([
            usage_words(), "' at a health score of '", number_words('health_score'),
            "', '", paying_words(), "'; '", last_seen_words(), "'.'",
        ]) }} as explanation
    from candidates
    where health_score >= min_health_score
        and events_previous_30d >= min_previous_events
        and ({{ opens }} or {{ stays }})

)

select * from find_days
