with

candidates as (

    select * from {{ ref('int_signal_candidates') }}

),

parameters as (

    {{ signal_parameters('usage_drop', ['max_ratio', 'min_previous_events']) }}

),

find_days as (

    select
        candidates.company_id,
        candidates.app_id,
        candidates.external_org_id,
        candidates.date_day,
        'usage_drop' as signal_type,
        {{ ratio('parameters.max_ratio - candidates.usage_ratio', 'parameters.max_ratio') }} as severity,
        {{ sentence_on_as_of_date([
            "'Events fell by '", percent_words('1 - candidates.usage_ratio'),
            "' to '", words('candidates.events_30d'),
            "' in the last 30 days, from '", words('candidates.events_previous_30d'),
            "' in the 30 days before, while the organization pays '", mrr_words(), "'.'",
        ]) }} as explanation
    from candidates
    inner join parameters on candidates.company_id = parameters.company_id
    where candidates.mrr > 0
        and candidates.events_previous_30d >= parameters.min_previous_events
        and candidates.events_30d < parameters.max_ratio * candidates.events_previous_30d

)

select * from find_days
