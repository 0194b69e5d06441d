with

candidates as (

    select * from {{ ref('int_signal_candidates') }}

),

parameters as (

    {{ signal_parameters('revenue_at_risk', ['max_health_score']) }}

),

find_days as (

    select
        candidates.company_id,
        candidates.app_id,
        candidates.external_org_id,
        candidates.date_day,
        'revenue_at_risk' as signal_type,
        {{ ratio(
            'parameters.max_health_score - candidates.health_score', 'parameters.max_health_score'
        ) }} as severity,
        {{ sentence_on_as_of_date([
            "'Health score '", number_words('candidates.health_score'),
            "' is below '", number_words('parameters.max_health_score'),
            "' while the organization pays '", mrr_words(), "'.'",
        ]) }} as explanation
    from candidates
    inner join parameters on candidates.company_id = parameters.company_id
    where candidates.mrr > 0
        and candidates.health_score < parameters.max_health_score

)

select * from find_days
