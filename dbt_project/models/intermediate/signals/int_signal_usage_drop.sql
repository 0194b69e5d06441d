with

{{ signal_inputs('usage_drop', ['max_ratio', 'min_previous_events']) }},

find_days as (

    select
        {{ signal_day('usage_drop') }},
        {{ ratio('max_ratio - usage_ratio', 'max_ratio') }} as severity,
        {{ sentence_on_as_of_date([
            usage_words(), "' while '", paying_words(), "'; '", last_seen_words(), "'.'",
        ]) }} as explanation
    from candidates
    where mrr > 0
        and events_previous_30d >= min_previous_events
        and events_30d < max_ratio * events_previous_30d

)

select * from find_days
