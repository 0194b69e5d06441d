{% set page = ['company_id', 'app_id', 'path'] | join(', ') -%}
{% set app_ids = ['app_id', "'all'"] -%}
with

events as (

    select * from {{ ref('int_session_events') }}
    where path is not null and {{ within_windows('occurred_on') }}

),

page_days as (

    select * from {{ ref('page_metrics_daily') }}
    where {{ within_windows('date_day') }}

),

page_paths as (

    select * from {{ ref('int_page_paths') }}

),

scopes as (

    select * from {{ ref('int_application_scopes') }}

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

-- What adds up: a session is of one application.
stack_sums as (

    select {{ page }}, page_views, entries, exits, 0 as sessions from page_days

    union all

    select {{ page }}, 0 as page_views, 0 as entries, 0 as exits, count(distinct session_id) as sessions from find_pages
    group by {{ page }}

),

sum_pages as (

    {% for app_id in app_ids -%}
    select
        company_id,
        {{ app_id }} as app_id,
        path,
        {%- for column in ['page_views', 'sessions', 'entries', 'exits'] %}
        cast(sum({{ column }}) as bigint) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from stack_sums
    group by company_id, path{{ ', app_id' if loop.first }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

list_users as (

    -- distinct: many events have the same user and page
    select distinct {{ page }}, user_hash, external_org_id from find_pages

),

-- What does not add up: users and organizations may use several applications.
count_users as (

    {% for app_id in app_ids -%}
    select
        company_id,
        {{ app_id }} as app_id,
        path,
        count(distinct user_hash) as users,
        count(distinct external_org_id) as organizations
    from list_users
    group by company_id, path{{ ', app_id' if loop.first }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    sum_pages.company_id,
    sum_pages.app_id,
    sum_pages.path,
    sum_pages.page_views,
    sum_pages.sessions,
    case when scopes.counts_users then count_users.users end as active_users,
    count_users.organizations,
    sum_pages.entries,
    sum_pages.exits,
    {{ as_of_date() }} as as_of_date
from sum_pages
inner join count_users
    on sum_pages.company_id = count_users.company_id
    and sum_pages.app_id = count_users.app_id
    and sum_pages.path = count_users.path
inner join scopes
    on sum_pages.company_id = scopes.company_id
    and sum_pages.app_id = scopes.app_id
