with

{{ signal_inputs('revenue_at_risk', ['max_health_score']) }},

find_days as (

    select
        {{ signal_day('revenue_at_risk') }},
        {{ ratio('max_health_score - health_score', 'max_health_score') }} as severity,
        {{ sentence_on_as_of_date([
            "'Health score '", number_words('health_score'),
            "' (below '", number_words('max_health_score'),
            "') while '", paying_words(), "'; '", last_seen_words(), "'.'",
        ]) }} as explanation
    from candidates
    where mrr > 0
        and health_score < max_health_score

)

select * from find_days
