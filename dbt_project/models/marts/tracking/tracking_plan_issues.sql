{% set issue = ['company_id', 'app_id', 'subject', 'name', 'property', 'issue'] -%}
with

events as (

    select * from {{ ref('tracking_plan_events') }}

),

list_issues as (

    select
        issues.company_id, issues.app_id, 'event' as subject, issues.event as name, issues.property, issues.issue,
        issues.occurrences, issues.occurrences_30d, issues.checked_30d, issues.first_seen_at, issues.last_seen_at,
        issues.example_id, coalesce(issues.requirement, events.requirement) as requirement
    from {{ ref('int_event_issues') }} as issues
    left join events
        on issues.company_id = events.company_id and issues.app_id = events.app_id and issues.event = events.event

    union all

    select
        company_id, app_id, 'event' as subject, event as name, '' as property, 'never_seen' as issue,
        0 as occurrences, 0 as occurrences_30d, 0 as checked_30d, null as first_seen_at, null as last_seen_at,
        null as example_id, requirement
    from events
    where status = 'never_seen'
    {%- if reads_calls() or not execute %}

    union all

    select
        company_id, 'all' as app_id, subject, trait as name, '' as property, issue,
        occurrences, occurrences as occurrences_30d, checked_30d, null as first_seen_at, null as last_seen_at,
        example_id, requirement
    from {{ ref('int_trait_issues') }}
    {%- endif %}

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
from list_issues
