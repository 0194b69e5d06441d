{{ config(tags=['calls'], meta={'dagster': {'ref': {'name': 'events'}}}) }}
-- Applications whose usage calls are not each once an event, unattributed or automatic, or whose events are not
-- the calls with an account; and events whose group stands for another account at their time.
with

count_calls as (

    select company_id, app_id, count(*) as calls
    from {{ ref('stg_calls') }}
    where kind in ({{ usage_kinds() }}) and not is_automatic
    group by company_id, app_id

),

count_judged as (

    select
        company_id,
        app_id,
        count(case when not is_automatic then 1 end) as calls,
        count(case when is_event then external_org_id end) as events
    from {{ ref('int_call_accounts') }}
    group by company_id, app_id

),

count_events as (

    select company_id, app_id, count(*) as events
    from {{ ref('events') }}
    where vendor is not null
    group by company_id, app_id

),

compare_counts as (

    select company_id, app_id, calls, 0 as events from count_calls

    union all

    select company_id, app_id, -calls as calls, events from count_judged

    union all

    select company_id, app_id, 0 as calls, -events as events from count_events

),

chains as (

    select * from {{ ref('int_group_chains') }}

),

events_of_groups as (

    select * from {{ ref('events') }}
    where vendor is not null and group_id <> external_org_id

),

{% set group = {'group_id': 'group_id'} -%}
{{ find_spans('chains', group, 'events_of_groups') }},

find_other_accounts as (

    select events.company_id, events.app_id, 'group of another account' as rule
    from events_of_groups as events
    {{ join_spans('chains', group, 'events') }}
    where chains.nearest_account_id <> events.external_org_id

)

select company_id, app_id, 'calls' as rule from compare_counts
group by company_id, app_id
having sum(calls) <> 0 or sum(events) <> 0

union all

select company_id, app_id, rule from find_other_accounts
