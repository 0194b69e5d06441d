with

{{ signal_inputs('expansion_candidate', ['min_health_score', 'min_ratio', 'min_previous_events']) }},

find_days as (

    select
        {{ signal_day('expansion_candidate') }},
        least({{ ratio('usage_ratio - min_ratio', 'min_ratio') }}, 1) as severity,
        {{ sentence_on_as_of_date([
            usage_words(), "' at a health score of '", number_words('health_score'),
            "', '", paying_words(), "'; '", last_seen_words(), "'.'",
        ]) }} as explanation
    from candidates
    where health_score >= min_health_score
        and events_previous_30d >= min_previous_events
        and events_30d >= min_ratio * events_previous_30d

)

select * from find_days
