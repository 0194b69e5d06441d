{% set scope = ['company_id', 'app_id', 'external_org_id', 'environment'] -%}
{% set user = (scope + ['user_hash']) | join(', ') -%}
{#- Named where they are read: an engine may keep a copy of a CTE that is read several times, and these are wide. -#}
{% set events = ref('int_events_to_group') -%}
with

find_neighbours as (

    select
        {{ user }},
        occurred_at,
        session_inference,
        session_timeout_minutes,
        lag(occurred_at) over (partition by {{ user }} order by occurred_at) as previous_at,
        lead(occurred_at) over (partition by {{ user }} order by occurred_at) as next_at
    from {{ events }}
    where client_session_id is null

),

find_ends as (

    select
        {{ user }},
        occurred_at,
        coalesce({{ ends_visit('previous_at', 'occurred_at') }}, true) as is_start,
        coalesce({{ ends_visit('occurred_at', 'next_at') }}, true) as is_end
    from find_neighbours

),

pair_ends as (

    -- Of several events at one moment the last one ends the visit.
    select
        *,
        case
            when is_end then occurred_at
            else lead(occurred_at) over (partition by {{ user }} order by occurred_at, is_end)
        end as ended_at
    from find_ends
    where is_start or is_end

),

visits as (

    select
        {{ user }},
        occurred_at as started_at,
        ended_at
    from pair_ends
    where is_start

),

find_first_events as (

    -- Events of one second have the same order everywhere: by name, path and id.
    select
        {% for column in scope + ['user_hash', 'started_at', 'ended_at'] -%}
        visits.{{ column }},
        {% endfor -%}
        min({{ record({'event': 'events.event', 'path': "coalesce(events.path, '')", 'event_id': 'events.event_id'}) }})
            as first_event
    from visits
    inner join {{ events }} as events
        on visits.company_id = events.company_id
        and visits.app_id = events.app_id
        and visits.external_org_id = events.external_org_id
        and visits.environment = events.environment
        and visits.user_hash = events.user_hash
        and {{ dbt.date_trunc('second', 'visits.started_at') }} = {{ dbt.date_trunc('second', 'events.occurred_at') }}
        and events.occurred_at between visits.started_at and visits.ended_at
    where events.client_session_id is null
    group by
        {% for column in scope + ['user_hash', 'started_at', 'ended_at'] -%}
        visits.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
),

derive_session_ids as (

    select
        {{ user }},
        started_at,
        ended_at,
        {{ derived_id(scope + ["'event'", 'first_event.event_id']) }} as session_id
    from find_first_events

)

select * from derive_session_ids
