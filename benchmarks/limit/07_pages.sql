-- Pages, adoption, delays.
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

create table marts.late_events as
with delays as (
    select company_id, app_id, occurred_on, session_id, epoch_us(received_at) - epoch_us(occurred_at) as delay
    from marts.events
)

select
    company_id, app_id, occurred_on as date_day,
    count(*) as events,
    count(case when delay <= 3600000000 then 1 end) as events_within_hour,
    count(case when delay > 3600000000 and delay <= 86400000000 then 1 end) as events_within_day,
    count(case when delay > 86400000000 and delay <= 604800000000 then 1 end) as events_within_week,
    count(case when delay > 604800000000 then 1 end) as events_later,
    count(case when delay > 86400000000 then 1 end) as late_events,
    count(case when delay > 86400000000 then 1 end) / count(*) as late_share,
    count(distinct case when delay > 86400000000 then session_id end) as sessions_changed,
    floor(max(delay) / 1000000.0)::bigint as max_delay_seconds
from delays
group by all;

create table marts.feature_adoption as
with

uses as (
    select app, company_id, feature, org, day, events, first_used,
        date '1970-01-01' + day > getvariable('as_of') - 30 as is_last_30,
        date '1970-01-01' + day between getvariable('as_of') - 59 and getvariable('as_of') - 30 as is_previous_30
    from (
        select app, feature, org, day, events, first_used from feature_days
        union all
        select 0, feature, org, day, events, first_used from feature_days
    )
    inner join orgs using (org)
),

used as (
    select
        app, company_id, feature,
        count(distinct case when is_last_30 then org end) as organizations_used_30d,
        count(distinct case when is_previous_30 then org end) as organizations_used_previous_30d,
        sum(case when is_last_30 then events end)::bigint as events_30d,
        sum(case when is_previous_30 then events end)::bigint as events_previous_30d,
        make_timestamp(min(first_used) * 1000000) as first_used_at
    from uses
    group by all
),

active_orgs as (
    select
        app, company_id,
        count(distinct case when date '1970-01-01' + day > getvariable('as_of') - 30 then org end) as last_30,
        count(distinct case
            when date '1970-01-01' + day between getvariable('as_of') - 59 and getvariable('as_of') - 30 then org
        end) as previous_30
    from org_days
    inner join orgs using (org)
    where events > 0
    group by all
)

select
    company_id, app_id, feature_key,
    coalesce(organizations_used_30d, 0) as organizations_used_30d,
    coalesce(last_30, 0) as active_organizations_30d,
    coalesce(organizations_used_30d, 0) / nullif(last_30, 0) as adoption_rate,
    coalesce(events_30d, 0) as events_30d,
    coalesce(organizations_used_previous_30d, 0) as organizations_used_previous_30d,
    coalesce(previous_30, 0) as active_organizations_previous_30d,
    coalesce(organizations_used_previous_30d, 0) / nullif(previous_30, 0) as adoption_rate_previous_30d,
    coalesce(events_previous_30d, 0) as events_previous_30d,
    first_used_at,
    getvariable('as_of') as as_of_date
from (
    select distinct company_id, unnest([app, 0]) as app, feature_key from rules
)
inner join app_scopes using (company_id, app)
inner join features using (feature_key)
left join used using (app, company_id, feature)
left join active_orgs using (app, company_id);
