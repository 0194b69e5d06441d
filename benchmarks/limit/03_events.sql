create schema marts;
create schema intermediate;

create temp table derived_sessions as
select
    sums.s,
    md5(
        length(company_id) || ':' || company_id || length(app_id) || ':' || app_id
        || length(external_org_id) || ':' || external_org_id
        || length(coalesce(environment, '')) || ':' || coalesce(environment, '')
        || case when is_inferred then '5:event' else '6:client' end
        || length(coalesce(session_id, event_id)) || ':' || coalesce(session_id, event_id)
    ) as session_id,
    session_id as client_session_id
from session_sums as sums
left join first_rows using (s)
inner join scopes using (scope)
inner join (select rowid as row_id, event_id, session_id from warehouse.raw.events) as events
    on events.row_id = coalesce(first_rows.first_row, sums.first_row);

create table marts.sessions as
select
    company_id,
    session_id,
    app_id,
    external_org_id,
    environment,
    user_hash,
    coalesce(first_rows.users, 1) as users,
    is_inferred,
    ended - (first_moment >> 31) > 86400 as is_overlong,
    client_session_id,
    make_timestamp((first_moment >> 31) * 1000000) as started_at,
    make_timestamp(ended * 1000000) as ended_at,
    ended - (first_moment >> 31) as duration_seconds,
    events,
    page_views,
    distinct_paths,
    entries.path as entry_path,
    exits.path as exit_path
from session_sums as sums
inner join derived_sessions using (s)
inner join scopes using (scope)
left join first_rows using (s)
inner join users on users.u = coalesce(first_rows.u, sums.u)
left join kinds as entries on entries.code = entry_moment & 2147483647
left join kinds as exits on exits.code = exit_moment & 2147483647;

create table marts.events as
select
    company_id,
    app_id,
    event_id,
    customer_org_id as external_org_id,
    event,
    user_hash,
    path,
    derived_sessions.session_id,
    events.session_id as client_session_id,
    coalesce(make_timestamp(ts_epoch * 1000000), received_at) as occurred_at,
    received_at,
    coalesce(make_timestamp(ts_epoch * 1000000), received_at)::date as occurred_on,
    environment,
    plan
from (
    select events.* replace (coalesce(earlier.received_at, events.received_at) as received_at), events.rowid as row_id
    from warehouse.raw.events as events
    left join earlier on earlier.row_id = events.rowid
) as events
inner join session_events using (row_id)
inner join derived_sessions using (s);
