{{ config(tags=['calls'], meta={'dagster': {'ref': {'name': 'group_metrics_daily'}}}) }}
-- Days of applications on which the events of all tops are not the events; days of accounts on which no other
-- organization counts for them, and which are not those of the organization.
with

group_days as (

    select * from {{ ref('group_metrics_daily') }}

),

organization_days as (

    select * from {{ ref('organization_metrics_daily') }}

),

companies as (

    -- distinct: those whose calls name groups
    select distinct company_id from {{ ref('group_hierarchy') }}

),

sum_tops as (

    select company_id, app_id, date_day, sum(top_events) as events from group_days
    group by company_id, app_id, date_day

),

sum_organizations as (

    select days.company_id, days.app_id, days.date_day, sum(days.events) as events
    from organization_days as days
    inner join companies on days.company_id = companies.company_id
    where days.events > 0
    group by days.company_id, days.app_id, days.date_day

),

list_ancestors as (

    -- Organizations, imported or seen, for which events of other ones count, too.
    select * from {{ ref('int_group_rollup') }}
    where
        ancestor_group_id <> external_org_id
        and (company_id, ancestor_group_id) in (
            select organizations.company_id, organizations.external_org_id from {{ ref('organizations') }} as organizations
        )

),

list_uses as (

    select ancestors.company_id, ancestors.ancestor_group_id, uses.date_day, uses.session_id
    from {{ ref('int_group_use') }} as uses
    inner join list_ancestors as ancestors
        on uses.company_id = ancestors.company_id and uses.external_org_id = ancestors.external_org_id
        and uses.group_id = ancestors.group_id and uses.valid_from = ancestors.valid_from

),

list_others as (

    select company_id, ancestor_group_id as group_id, date_day from list_uses

    union

    -- A session counts on the day of its start.
    select uses.company_id, uses.ancestor_group_id as group_id, cast(sessions.started_at as date) as date_day
    from list_uses as uses
    inner join {{ ref('int_sessions') }} as sessions
        on uses.company_id = sessions.company_id and uses.session_id = sessions.session_id

),

compare_accounts as (

    select days.company_id, days.app_id, days.external_org_id, days.date_day
    from organization_days as days
    inner join companies on days.company_id = companies.company_id
    left join list_others
        on days.company_id = list_others.company_id and days.external_org_id = list_others.group_id
        and days.date_day = list_others.date_day
    left join group_days
        on days.company_id = group_days.company_id and days.app_id = group_days.app_id
        and days.external_org_id = group_days.group_id and days.date_day = group_days.date_day
    where
        list_others.group_id is null
        and (
            days.events <> coalesce(group_days.events, 0) or days.sessions <> coalesce(group_days.sessions, 0)
            or days.active_users <> coalesce(group_days.active_users, 0)
        )

)

select
    coalesce(tops.company_id, days.company_id) as company_id,
    concat('tops: ', coalesce(tops.app_id, days.app_id)) as rule,
    coalesce(tops.date_day, days.date_day) as date_day
from sum_tops as tops
full outer join sum_organizations as days
    on tops.company_id = days.company_id and tops.app_id = days.app_id and tops.date_day = days.date_day
where coalesce(tops.events, 0) <> coalesce(days.events, 0)

union all

select company_id, concat('account: ', external_org_id) as rule, date_day from compare_accounts
