{% set issue = ['company_id', 'app_id', 'subject', 'name', 'property', 'issue'] -%}
with

event_issues as (

    select
        company_id, app_id, 'event' as subject, event as name, property, issue, occurrences, occurrences_30d, checked_30d,
        first_seen_at, last_seen_at, example_id, requirement
    from {{ ref('int_event_issues') }}

)

select
    {{ issue | join(',\n    ') }},
    occurrences,
    occurrences_30d,
    checked_30d,
    {{ ratio('occurrences_30d', 'checked_30d') }} as share_30d,
    first_seen_at,
    last_seen_at,
    example_id,
    requirement,
    {{ issue_advice('issue') }} as advice,
    {{ as_of_date() }} as as_of_date
from event_issues
