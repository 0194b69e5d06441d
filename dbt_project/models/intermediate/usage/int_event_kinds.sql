with

events as (

    select * from {{ ref('int_session_events') }}

),

list_kinds as (

    -- distinct: what looks at the name and path alone looks once at each pair, however many events it has
    select distinct
        company_id,
        app_id,
        event,
        path,
        coalesce(path, '') as path_or_empty
    from events

)

select * from list_kinds
