{{ config(tags=['calls']) }}
-- What groups, and all below them, did in the last 30 days, in the 30 before, and last.
with

uses as (

    select * from {{ ref('int_group_use') }}

),

ancestors as (

    select * from {{ ref('int_group_rollup') }}

),

days as (

    select * from {{ ref('group_metrics_daily') }}
    where app_id = 'all' and {{ within_windows('date_day', 2) }}

),

sum_days as (

    select
        company_id,
        group_id,
        sum(case when {{ within_windows('date_day') }} then events else 0 end) as events_30d,
        sum(case when {{ within_windows('date_day') }} then 0 else events end) as events_previous_30d,
        sum(case when {{ within_windows('date_day') }} then sessions else 0 end) as sessions_30d
    from days
    group by company_id, group_id

),

find_users as (

    select
        uses.company_id,
        ancestors.ancestor_group_id as group_id,
        count(distinct case when {{ within_windows('uses.date_day') }} then uses.user_hash end) as active_users_30d,
        max(uses.last_event_at) as last_seen_at
    from uses
    inner join ancestors
        on uses.company_id = ancestors.company_id and uses.external_org_id = ancestors.external_org_id
        and uses.group_id = ancestors.group_id and uses.valid_from = ancestors.valid_from
    group by uses.company_id, ancestors.ancestor_group_id

)

select
    users.company_id,
    users.group_id,
    cast(coalesce(days.events_30d, 0) as bigint) as events_30d,
    cast(coalesce(days.events_previous_30d, 0) as bigint) as events_previous_30d,
    cast(coalesce(days.sessions_30d, 0) as bigint) as sessions_30d,
    users.active_users_30d,
    users.last_seen_at
from find_users as users
left join sum_days as days on users.company_id = days.company_id and users.group_id = days.group_id
