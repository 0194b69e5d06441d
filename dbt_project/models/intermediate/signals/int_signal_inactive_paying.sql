with

candidates as (

    select * from {{ ref('int_signal_candidates') }}

),

parameters as (

    {{ signal_parameters('inactive_paying', ['inactive_days']) }}

),

find_days as (

    select
        candidates.company_id,
        candidates.app_id,
        candidates.external_org_id,
        candidates.date_day,
        'inactive_paying' as signal_type,
        case
            when candidates.days_since_last_seen is null then 1
            else {{ ratio('least(candidates.days_since_last_seen, 90)', '90') }}
        end as severity,
        {{ sentence_on_as_of_date([
            "case when candidates.days_since_last_seen is null then 'Never seen'"
            ~ " else 'No event for ' || " ~ words('candidates.days_since_last_seen')
            ~ " || ' days' end",
            "' while the organization pays '", mrr_words(), "'.'",
        ]) }} as explanation
    from candidates
    inner join parameters on candidates.company_id = parameters.company_id
    where candidates.mrr > 0
        and (
            candidates.days_since_last_seen is null
            or candidates.days_since_last_seen >= parameters.inactive_days
        )

)

select * from find_days
