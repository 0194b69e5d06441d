-- Events and sessions. Ids, names and paths become numbers once; sessions are found over narrow rows; the wide rows
-- are read twice: for the numbers, and to write the events. `code` orders the events of one second and tells their
-- path and whether they are page views: sort, first, last and count need nothing else.
create temp table apps as
select
    row_number() over (order by company_id, app_id)::utinyint as app,
    company_id,
    app_id,
    coalesce(identity_mode, 'user') = 'user' as counts_users,
    coalesce(session_timeout_minutes, 30) * 60 as timeout
from warehouse.seeds.applications;

create temp table scopes as
select
    row_number() over ()::integer as scope,
    app,
    timeout,
    scope_hash,
    company_id,
    app_id,
    external_org_id,
    environment
from (
    select
        hash(company_id, app_id, customer_org_id, environment) as scope_hash,
        any_value(company_id) as company_id,
        any_value(app_id) as app_id,
        any_value(customer_org_id) as external_org_id,
        any_value(environment) as environment
    from warehouse.raw.events
    group by all
)
inner join apps using (company_id, app_id)
where environment is null
    or environment not in (select environment from warehouse.seeds.environments where not is_production);

create temp table kinds as
select
    *,
    event_number << 21 | path_number << 1 | (path is not null and event in ('page_view', 'page'))::bigint as code
from (
    select
        hash(event, path) as kind_hash,
        any_value(event) as event,
        any_value(path) as path,
        dense_rank() over (order by any_value(event)) as event_number,
        case when any_value(path) is null then 0 else dense_rank() over (order by any_value(path) nulls first) end
            as path_number
    from warehouse.raw.events
    group by kind_hash
);

create temp table users as
select hash(user_hash) as u, any_value(user_hash) as user_hash
from warehouse.raw.events
group by all;
