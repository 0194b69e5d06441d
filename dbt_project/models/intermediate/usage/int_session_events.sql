{% set sent = ['company_id', 'app_id', 'event_id', 'external_org_id', 'event', 'user_hash', 'path', 'client_session_id',
               'environment', 'plan', 'occurred_at', 'received_at', 'loaded_at'] -%}
{% set columns = sent + ['occurred_on', 'is_page_view', 'event_order'] -%}
{% set scope = ['company_id', 'app_id', 'external_org_id', 'environment'] -%}
with

events as (

    select * from {{ ref('stg_events') }}

),

applications as (

    select * from {{ ref('stg_applications') }}

),

select_production as (

    select
        events.{{ sent | join(',\n        events.') }},
        cast(events.occurred_at as date) as occurred_on,
        events.path is not null and events.event in ('page_view', 'page') as is_page_view,
        applications.session_inference,
        applications.session_timeout_minutes
    from events
    inner join applications
        on events.company_id = applications.company_id
        and events.app_id = applications.app_id
    where
        events.is_production
        and events.occurred_at < cast({{ add_days(as_of_date(), 1) }} as timestamp)

),

order_events as (

    select
        *,
        row_number() over (
            partition by company_id, app_id, external_org_id
            order by {{ dbt.date_trunc('second', 'occurred_at') }}, event, path nulls first, user_hash, event_id
        ) as event_order
    from select_production

),

measure_gaps as (

    select
        *,
        lag(occurred_at) over (
            partition by company_id, app_id, external_org_id, environment, user_hash
            order by occurred_at, event_order
        ) as previous_occurred_at
    from order_events
    where client_session_id is null

),

number_visits as (

    select
        *,
        case
            when session_inference = 'fixed_bucket'
                then cast(floor({{ timestamp_to_micros('occurred_at') }} / (30 * 60 * 1000000.0)) as bigint)
            else sum(
                case
                    when occurred_at > {{ dbt.dateadd('minute', 'session_timeout_minutes', 'previous_occurred_at') }}
                        then 1
                    else 0
                end
            ) over (
                partition by company_id, app_id, external_org_id, environment, user_hash
                order by occurred_at, event_order
                rows between unbounded preceding and current row
            )
        end as visit_number
    from measure_gaps

),

name_inferred_sessions as (

    select
        *,
        first_value(event_id) over (
            partition by company_id, app_id, external_org_id, environment, user_hash, visit_number
            order by event_order
        ) as first_event_id
    from number_visits

),

derive_session_ids as (

    select
        {{ columns | join(',\n        ') }},
        {{ derived_id(scope + ["'client'", 'client_session_id']) }} as session_id
    from order_events
    where client_session_id is not null

    union all

    select
        {{ columns | join(',\n        ') }},
        {{ derived_id(scope + ["'event'", 'first_event_id']) }} as session_id
    from name_inferred_sessions

)

select * from derive_session_ids
