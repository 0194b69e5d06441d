{{ config(materialized='view') }}
with

events as (

    select * from {{ ref('stg_events') }}

),

applications as (

    select * from {{ ref('stg_applications') }}

),

keep_counted as (

    select
        events.*,
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
        and events.occurred_at >= cast('{{ first_plausible_day() }}' as timestamp)

)

select * from keep_counted
