-- Applications whose page entries or exits are not their sessions with a path, or whose page views got lost.
with

count_sessions as (

    select
        company_id,
        app_id,
        count(entry_path) as sessions_with_path,
        sum(page_views) as page_views
    from {{ ref('sessions') }}
    group by company_id, app_id

),

sum_pages as (

    select
        company_id,
        app_id,
        sum(entries) as entries,
        sum(exits) as exits,
        sum(page_views) as page_views
    from {{ ref('page_metrics_daily') }}
    group by company_id, app_id

)

select
    count_sessions.company_id,
    count_sessions.app_id,
    count_sessions.sessions_with_path,
    sum_pages.entries,
    sum_pages.exits
from count_sessions
left join sum_pages
    on count_sessions.company_id = sum_pages.company_id
    and count_sessions.app_id = sum_pages.app_id
where count_sessions.sessions_with_path <> coalesce(sum_pages.entries, 0)
    or count_sessions.sessions_with_path <> coalesce(sum_pages.exits, 0)
    or count_sessions.page_views <> coalesce(sum_pages.page_views, 0)
