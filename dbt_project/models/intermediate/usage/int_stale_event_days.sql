with

replaced_events as (

    select * from {{ ref('int_replaced_events') }}

),

session_events as (

    select * from {{ ref('int_session_events') }}
    where
        {{ continues_last_build() | lower }}
        and built_in = {{ build_number() }}

),

list_days as (

    select company_id, app_id, external_org_id, occurred_on as date_day from replaced_events

    union

    select company_id, app_id, external_org_id, occurred_on as date_day from session_events

)

select * from list_days
