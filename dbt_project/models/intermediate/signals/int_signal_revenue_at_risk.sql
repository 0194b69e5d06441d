with

{{ signal_inputs('revenue_at_risk', ['max_health_score'], {'close_health_score': 'max_health_score'}) }},

find_days as (

    select
        {{ signal_day('revenue_at_risk', 'health_score < max_health_score', 'health_score < close_health_score') }},
        greatest({{ ratio('max_health_score - health_score', 'max_health_score') }}, 0) as severity,
        {{ sentence_on_as_of_date([
            "'Health score '", number_words('health_score'),
            "case when health_score < max_health_score then ' (below ' else ' (not back at ' end",
            number_words('case when health_score < max_health_score then max_health_score else close_health_score end'),
            "') while '", paying_words(), "'; '", last_seen_words(), "'.'",
        ]) }} as explanation
    from candidates
    where mrr > 0
        and health_score < greatest(max_health_score, close_health_score)

)

select * from find_days
