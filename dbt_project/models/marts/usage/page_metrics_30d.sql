{% set window = '> ' ~ add_days(as_of_date(), -30) -%}
with

events as (

    select * from {{ ref('int_session_events') }}
    where path is not null and occurred_on {{ window }}

),

page_days as (

    select * from {{ ref('page_metrics_daily') }}
    where date_day {{ window }}

),

page_paths as (

    select * from {{ ref('int_page_paths') }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}

),

stack_page_days as (

    select company_id, app_id, path, page_views, entries, exits from page_days

    union all

    select company_id, 'all' as app_id, path, page_views, entries, exits from page_days

),

sum_pages as (

    select
        company_id,
        app_id,
        path,
        cast(sum(page_views) as bigint) as page_views,
        cast(sum(entries) as bigint) as entries,
        cast(sum(exits) as bigint) as exits
    from stack_page_days
    group by company_id, app_id, path

),

find_pages as (

    select
        events.company_id,
        events.app_id,
        coalesce(page_paths.page_path, events.path) as path,
        events.session_id,
        case when scopes.counts_users then events.user_hash end as user_hash,
        events.external_org_id
    from events
    inner join scopes
        on events.company_id = scopes.company_id
        and events.app_id = scopes.app_id
    left join page_paths
        on events.company_id = page_paths.company_id
        and events.app_id = page_paths.app_id
        and events.path = page_paths.path

),

stack_visits as (

    select * from find_pages

    union all

    select company_id, 'all' as app_id, path, session_id, user_hash, external_org_id from find_pages

),

count_visits as (

    select
        company_id,
        app_id,
        path,
        count(distinct session_id) as sessions,
        count(distinct user_hash) as users,
        count(distinct external_org_id) as organizations
    from stack_visits
    group by company_id, app_id, path

)

select
    count_visits.company_id,
    count_visits.app_id,
    count_visits.path,
    sum_pages.page_views,
    count_visits.sessions,
    case when scopes.counts_users then count_visits.users end as active_users,
    count_visits.organizations,
    sum_pages.entries,
    sum_pages.exits,
    {{ as_of_date() }} as as_of_date
from count_visits
inner join sum_pages
    on count_visits.company_id = sum_pages.company_id
    and count_visits.app_id = sum_pages.app_id
    and count_visits.path = sum_pages.path
inner join scopes
    on count_visits.company_id = scopes.company_id
    and count_visits.app_id = scopes.app_id
