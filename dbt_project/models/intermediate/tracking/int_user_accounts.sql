{{ config(tags=['calls']) }}
{% set pair = 'company_id, user_hash, external_org_id' -%}
-- Which users are in which accounts, and by what that is known.
with

applications as (

    select * from {{ ref('stg_applications') }}
    where identity_mode = 'user'

),

companies as (

    -- distinct: those that send calls
    select distinct company_id from {{ ref('stg_calls') }}

),

chains as (

    select * from {{ ref('int_group_chains') }}

),

count_events as (

    select
        events.company_id,
        events.user_hash,
        events.external_org_id,
        count(*) as events,
        count(case when {{ within_windows('events.occurred_on') }} then 1 end) as events_30d,
        min(events.occurred_at) as first_seen_at,
        max(events.occurred_at) as last_seen_at
    from {{ ref('int_session_events') }} as events
    inner join companies on events.company_id = companies.company_id
    inner join applications on events.company_id = applications.company_id and events.app_id = applications.app_id
    group by events.company_id, events.user_hash, events.external_org_id

),

name_accounts as (

    select company_id, app_id, entity_id as user_hash, {{ trait_id('value') }} as group_id, valid_from
    from {{ ref('int_trait_versions') }}
    where entity = 'user' and trait = 'account_id'

),

{% set group = {'group_id': 'group_id'} -%}
{{ find_spans('chains', group, 'name_accounts', 'valid_from') }},

find_traits as (

    -- The account of every value that the trait had, at the time when it came.
    select versions.company_id, versions.app_id, versions.user_hash, chains.account_id as external_org_id
    from name_accounts as versions
    {{ join_spans('chains', group, 'versions', 'valid_from') }}
    where chains.account_id is not null

),

list_statements as (

    select company_id, app_id, actor_hash as user_hash, account_id as external_org_id, 'group' as source
    from {{ ref('int_group_settings') }}
    where account_id is not null

    union all

    select company_id, app_id, user_hash, external_org_id, 'identify' as source from find_traits

    union all

    select company_id, app_id, user_hash, external_org_id, 'joined' as source from {{ ref('int_lifecycle_events') }}
    where event = 'user.joined'

),

list_sources as (

    select {{ pair }}, 'events' as source from count_events

    union

    select statements.company_id, statements.user_hash, statements.external_org_id, statements.source
    from list_statements as statements
    inner join applications
        on statements.company_id = applications.company_id and statements.app_id = applications.app_id

),

list_users as (

    select company_id, user_hash from {{ ref('int_user_calls') }}
    union
    select company_id, user_hash from count_events

),

join_sources as (

    select sources.company_id, sources.user_hash, sources.external_org_id, {{ sorted_list('sources.source') }} as sources
    from list_sources as sources
    inner join list_users on sources.company_id = list_users.company_id and sources.user_hash = list_users.user_hash
    group by sources.company_id, sources.user_hash, sources.external_org_id

)

select
    pairs.company_id, pairs.user_hash, pairs.external_org_id, pairs.sources,
    counts.first_seen_at,
    counts.last_seen_at,
    coalesce(counts.events, 0) as events,
    coalesce(counts.events_30d, 0) as events_30d
from join_sources as pairs
left join count_events as counts
    on pairs.company_id = counts.company_id and pairs.user_hash = counts.user_hash
    and pairs.external_org_id = counts.external_org_id
