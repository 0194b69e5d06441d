-- Pages by day.
create temp table pages as
with

patterns as (
    select *, regexp_replace(path_pattern, '/:[^/*]*', '/:', 'g') as nameless
    from warehouse.seeds.page_paths
),

matched as (
    select app, path_number, path, path_pattern
    from (select distinct path, path_number from kinds where path is not null)
    cross join apps
    left join patterns
        on patterns.company_id in (apps.company_id, '*') and patterns.app_id in (apps.app_id, '*')
        and regexp_matches(path, '(?s)\A\Q' || replace(replace(replace(
            nameless, '\E', '\E\\E\Q'), '/:', '/\E[^/]+\Q'), '*', '\E.*\Q') || '\E\z')
    qualify row_number() over (
        partition by app, path_number
        order by
            patterns.company_id = '*', patterns.app_id = '*',
            length(replace(replace(nameless, '/:', '/'), '*', '')) desc,
            length(nameless) - length(replace(nameless, '*', '')), path_pattern
    ) = 1
)

select
    app, path_number << 1 as path_code, coalesce(path_pattern, path) as path,
    dense_rank() over (order by coalesce(path_pattern, path))::integer as page
from matched;

create table marts.page_metrics_daily as
with

page_events as (
    select
        org_scopes.app, page, ((moment >> 31) // 86400)::integer as day,
        sum(moment & 1)::bigint as page_views, count(distinct s) as sessions, count(distinct u) as users,
        count(distinct org) as organizations
    from session_events
    inner join org_scopes using (scope)
    inner join pages on pages.app = org_scopes.app and path_code = moment & 2097150
    group by all
),

ends as (
    select
        scopes.app, page, ((moment >> 31) // 86400)::integer as day,
        sum(entries)::bigint as entries, sum(exits)::bigint as exits
    from (
        select scope, entry_moment as moment, 1 as entries, 0 as exits
        from session_sums
        where entry_moment is not null
        union all
        select scope, exit_moment, 0, 1 from session_sums where exit_moment is not null
    )
    inner join scopes using (scope)
    inner join pages on pages.app = scopes.app and path_code = moment & 2097150
    group by all
)

select
    company_id, app_id, names_of_pages.path,
    date '1970-01-01' + day as date_day,
    page_views, sessions,
    case when counts_users then users end as active_users,
    organizations,
    coalesce(entries, 0) as entries,
    coalesce(exits, 0) as exits
from page_events
left join ends using (app, page, day)
inner join apps using (app)
inner join (select distinct page, path from pages) as names_of_pages using (page);
