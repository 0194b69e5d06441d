with

{{ signal_inputs('inactive_paying', ['inactive_days']) }},

find_days as (

    select
        {{ signal_day('inactive_paying') }},
        case
            when days_since_last_seen is null then 1
            else {{ ratio('least(days_since_last_seen, 90)', '90') }}
        end as severity,
        {{ sentence_on_as_of_date([
            "case when days_since_last_seen is null then 'Never seen'"
            ~ " else 'No event for ' || " ~ grouped_digits('days_since_last_seen', 0) ~ " || ' days' end",
            "' while '", paying_words(), "'.'",
        ]) }} as explanation
    from candidates
    where mrr > 0
        and (days_since_last_seen is null or days_since_last_seen >= inactive_days)

)

select * from find_days
