with

candidates as (

    select * from {{ ref('int_signal_candidates') }}

),

parameters as (

    {{ signal_parameters('expansion_candidate', ['min_health_score', 'min_ratio', 'min_previous_events']) }}

),

find_days as (

    select
        candidates.company_id,
        candidates.app_id,
        candidates.external_org_id,
        candidates.date_day,
        'expansion_candidate' as signal_type,
        least(
            {{ ratio('candidates.usage_ratio - parameters.min_ratio', 'parameters.min_ratio') }},
            1
        ) as severity,
        {{ sentence_on_as_of_date([
            "'Health score '", number_words('candidates.health_score'),
            "', and events grew from '", words('candidates.events_previous_30d'),
            "' in the 30 days before to '", words('candidates.events_30d'),
            "' in the last 30 days.'",
        ]) }} as explanation
    from candidates
    inner join parameters on candidates.company_id = parameters.company_id
    where candidates.health_score >= parameters.min_health_score
        and candidates.events_previous_30d >= parameters.min_previous_events
        and candidates.events_30d >= parameters.min_ratio * candidates.events_previous_30d

)

select * from find_days
