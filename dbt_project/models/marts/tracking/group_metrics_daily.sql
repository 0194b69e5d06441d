{{ config(tags=['calls']) }}
{% set key = 'company_id, app_id, group_id, date_day' -%}
with

uses as (

    select * from {{ ref('int_group_use') }}

),

rollup_groups as (

    select * from {{ ref('int_group_rollup') }}

),

roll_up as (

    select
        uses.company_id,
        uses.app_id,
        ancestors.ancestor_group_id as group_id,
        uses.date_day,
        uses.user_hash,
        uses.session_id,
        uses.events,
        case when ancestors.is_top_of_account then uses.events else 0 end as top_events
    from uses
    inner join rollup_groups as ancestors
        on uses.company_id = ancestors.company_id
        and uses.external_org_id = ancestors.external_org_id
        and uses.group_id = ancestors.group_id
        and uses.valid_from = ancestors.valid_from

),

sum_users as (

    select {{ key }}, user_hash, sum(events) as events, sum(top_events) as top_events from roll_up
    group by {{ key }}, user_hash

),

list_sessions as (

    -- distinct: a session counts once for a group, on the day it began, however many events it has there
    select distinct company_id, app_id, group_id, session_id from roll_up

),

date_sessions as (

    select listed.company_id, listed.app_id, listed.group_id, cast(sessions.started_at as date) as date_day
    from list_sessions as listed
    inner join {{ ref('int_sessions') }} as sessions
        on listed.company_id = sessions.company_id and listed.session_id = sessions.session_id

),

stack_counts as (

    -- A user has one row of a day now, and a session one: they are counted without looking for distinct ones.
    select {{ key }}, user_hash, events, top_events, 0 as sessions from sum_users

    union all

    select
        company_id, 'all' as app_id, group_id, date_day, user_hash, sum(events) as events, sum(top_events) as top_events,
        0 as sessions
    from sum_users
    group by company_id, group_id, date_day, user_hash
    {%- for scope in ['app_id', "'all'"] %}

    union all

    select
        company_id, {{ scope }} as app_id, group_id, date_day, null as user_hash, 0 as events, 0 as top_events, 1 as sessions
    from date_sessions
    {%- endfor %}

),

sum_days as (

    select
        {{ key }},
        sum(events) as events,
        sum(sessions) as sessions,
        count(user_hash) as active_users,
        sum(top_events) as top_events
    from stack_counts
    group by {{ key }}

)

select
    days.company_id,
    days.app_id,
    days.group_id,
    days.date_day,
    cast(days.events as bigint) as events,
    cast(days.sessions as bigint) as sessions,
    cast(case when scopes.counts_users then days.active_users end as bigint) as active_users,
    cast(days.top_events as bigint) as top_events
from sum_days as days
inner join {{ ref('int_application_scopes') }} as scopes on days.company_id = scopes.company_id and days.app_id = scopes.app_id
