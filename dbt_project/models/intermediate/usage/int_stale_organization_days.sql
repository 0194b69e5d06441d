{#- What an event of a day is part of: the last 30 days, and the 30 before them, of the 59 days after it. -#}
{% set days_after = 59 -%}
{% set starts = ref('int_organization_starts') -%}
with

stale_event_days as (

    select * from {{ ref('int_stale_event_days') }}

),

event_days as (

    select * from {{ ref('int_organization_event_days') }}
    where events > 0

),

moved_starts as (

    select * from {{ ref('int_moved_organization_starts') }}

),

follow_events as (

    -- Until the next day with an event, what was last seen is from the stale day.
    select
        stale_event_days.company_id,
        stale_event_days.external_org_id,
        stale_event_days.date_day as from_day,
        greatest(
            {{ add_days('stale_event_days.date_day', days_after) }},
            coalesce({{ add_days('min(event_days.date_day)', -1) }}, {{ as_of_date() }})
        ) as until_day
    from stale_event_days
    left join event_days
        on stale_event_days.company_id = event_days.company_id
        and stale_event_days.app_id = event_days.app_id
        and stale_event_days.external_org_id = event_days.external_org_id
        and stale_event_days.date_day < event_days.date_day
    group by
        stale_event_days.company_id,
        stale_event_days.app_id,
        stale_event_days.external_org_id,
        stale_event_days.date_day

),

{% if continues_last_build() -%}
follow_calendar as (

    -- The new days; the last build's own day too, whose signals were put into words.
    select company_id, external_org_id, cast('{{ last_as_of_date() }}' as date) as from_day,
        {{ as_of_date() }} as until_day
    from {{ starts }}
    where {{ as_of_date() }} > cast('{{ last_as_of_date() }}' as date)

    union all

    select company_id, external_org_id, {{ rebuilt_from('first_day') }} as from_day, {{ as_of_date() }} as until_day
    from {{ starts }}
    where {{ is_to_rebuild('company_id', as_of_date()) }}

),
{%- endif %}

list_ranges as (

    select company_id, external_org_id, from_day, until_day from follow_events

    union

    select company_id, external_org_id, from_day, until_day from moved_starts
    {%- if continues_last_build() %}

    union

    select company_id, external_org_id, from_day, until_day from follow_calendar
    {%- endif %}

),

list_days as (

    select
        company_id,
        external_org_id,
        {{ day_rows('from_day', 'least(until_day, ' ~ as_of_date() ~ ')') }} as date_day
    from list_ranges

)

-- distinct: a day follows from many
select distinct
    company_id,
    external_org_id,
    date_day
from list_days
