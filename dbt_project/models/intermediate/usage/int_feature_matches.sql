with

events as (

    select * from {{ ref('int_session_events') }}

),

rules as (

    select * from {{ ref('int_feature_rules') }}

),

list_kinds as (

    -- distinct: a rule looks at the name and path alone, so each pair is matched once, however many events it has
    select distinct company_id, app_id, event, path
    from events

),

match_kinds as (

    -- distinct: several rules of one feature may match
    select distinct
        list_kinds.company_id,
        list_kinds.app_id,
        list_kinds.event,
        coalesce(list_kinds.path, '') as path_or_empty,
        rules.feature_key
    from list_kinds
    inner join rules
        on list_kinds.company_id = rules.company_id
        and list_kinds.app_id = rules.app_id
        and {{ matches_like('list_kinds.event', 'rules.like_event') }}
        and {{ matches_like('list_kinds.path', 'rules.like_path') }}

)

select * from match_kinds
