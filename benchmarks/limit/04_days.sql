-- Usage by day. Organizations and days (since 1970) are numbers; app 0 is all applications of a company.
create temp table orgs as
select row_number() over (order by company_id, external_org_id)::integer as org, *
from (select distinct company_id, external_org_id from scopes);

create temp table org_scopes as
select scope, org, app, company_id, app_id, counts_users
from scopes
inner join orgs using (company_id, external_org_id)
inner join apps using (company_id, app_id, app);

create temp table rules as
select distinct app, company_id, app_id, feature_key, feature_name, match_event, match_path
from (
    select
        apps.*, feature_key, coalesce(feature_name, feature_key) as feature_name, match_event, match_path,
        definitions.company_id = '*' as is_shared
    from apps
    inner join warehouse.seeds.feature_definitions as definitions
        on definitions.company_id in (apps.company_id, '*') and definitions.app_id in (apps.app_id, '*')
)
qualify is_shared = bool_and(is_shared) over (partition by app, feature_key);

create temp table app_scopes as
select app, company_id, app_id, counts_users, count(distinct feature_key) as features_defined
from (
    select app, company_id, app_id, counts_users, feature_key from apps left join rules using (app, company_id, app_id)
    union all
    select
        0, company_id, 'all',
        coalesce(bool_or(counts_users) over (partition by company_id), true),
        feature_key
    from warehouse.seeds.companies
    left join apps using (company_id)
    left join rules using (app, company_id)
)
group by all;

create temp table features as
select row_number() over (order by feature_key)::integer as feature, feature_key
from (select distinct feature_key from rules);

create temp table feature_kinds as
select distinct app, code, feature
from kinds
inner join rules
    on (match_event is null or event glob replace(replace(match_event, '[', '[[]'), '?', '[?]'))
    and (match_path is null or path glob replace(replace(match_path, '[', '[[]'), '?', '[?]'))
inner join features using (feature_key);

create temp table org_days as
with

stacked as (
    select
        scope, (moment >> 31) // 86400 as day, count(*) as events, sum(moment & 1) as page_views, 0 as sessions,
        0 as measured, 0 as seconds, min(moment >> 31) as first_event, max(moment >> 31) as last_event
    from session_events
    group by all

    union all

    select
        scope, (first_moment >> 31) // 86400, 0, 0, count(*),
        count(case when ended - (first_moment >> 31) <= 86400 then 1 end),
        sum(case when ended - (first_moment >> 31) <= 86400 then ended - (first_moment >> 31) else 0 end),
        null, null
    from session_sums
    group by all
)

select
    org, app, day,
    sum(events)::bigint as events, sum(page_views)::bigint as page_views, sum(sessions)::bigint as sessions,
    sum(measured) as measured, sum(seconds) as seconds, min(first_event) as first_event, max(last_event) as last_event
from (
    select * exclude (app, day), unnest([app, 0]) as app, day::integer as day
    from stacked
    inner join org_scopes using (scope)
)
group by all;

create temp table feature_days as
select
    org_scopes.app, org, feature, ((moment >> 31) // 86400)::integer as day,
    count(*) as events, count(distinct u) as users,
    min(moment >> 31) as first_used, max(moment >> 31) as last_used
from session_events
inner join org_scopes using (scope)
inner join feature_kinds on feature_kinds.app = org_scopes.app and feature_kinds.code = moment & 2147483647
group by all;
