-- Rows that lost to another content with the same id, and receipts that came earlier: few.
create temp table lost as
select row_id
from (
    select
        events.rowid as row_id,
        row_number() over (
            partition by company_id, app_id, event_id
            order by
                received_at, ts_epoch nulls first, event, path nulls first, user_hash, customer_org_id,
                session_id nulls first, environment nulls first, plan nulls first, properties nulls first,
                content_hash
        ) as position
    from warehouse.raw.events as events
    semi join warehouse.raw.event_id_collisions as collisions using (company_id, app_id, event_id)
)
where position > 1;

create temp table earlier as
select events.rowid as row_id, min(receipts.received_at) as received_at
from warehouse.raw.events as events
inner join warehouse.raw.event_receipts as receipts using (company_id, app_id, event_id, content_hash)
group by all
having min(receipts.received_at) < min(events.received_at);

-- A moment is a second, then the code: 31 bits each. Sessions that the client names have their number at once.
create temp table narrow as
select
    events.rowid::integer as row_id,
    scopes.scope,
    hash(user_hash) as u,
    (coalesce(ts_epoch, epoch(received_at)::bigint) << 31) + kinds.code as moment,
    case when session_id is not null then hash(scopes.scope, session_id) end as s
from warehouse.raw.events as events
inner join kinds on hash(events.event, events.path) = kinds.kind_hash
inner join scopes
    on hash(events.company_id, events.app_id, events.customer_org_id, events.environment) = scopes.scope_hash
where coalesce(ts_epoch, epoch(received_at)) < epoch(getvariable('as_of') + 1)
    and events.rowid not in (select row_id from lost);

create temp table session_events as
select row_id, scope, u, moment, s, false as is_tied, false as is_inferred
from narrow
where s is not null

union all

select row_id, scope, u, moment,
    hash(scope, u, count(case when is_start then 1 end) over (partition by scope, u order by moment)) as s,
    is_tied,
    true as is_inferred
from (
    select
        narrow.*,
        (moment >> 31) - (lag(moment) over same_user >> 31) > scopes.timeout as is_start,
        coalesce(moment = lag(moment) over same_user, false) as is_tied
    from narrow
    inner join scopes using (scope)
    where s is null
    window same_user as (partition by scope, u order by moment)
);

drop table narrow;

create temp table session_sums as
select
    s,
    any_value(scope) as scope,
    any_value(is_inferred) as is_inferred,
    min(moment) as first_moment,
    max(moment >> 31) as ended,
    arg_min(row_id, moment) as first_row,
    min(u) as u,
    max(u) as other_u,
    count(*)::bigint as events,
    sum(moment & 1)::bigint as page_views,
    min(case when moment & 2097150 > 0 then moment end) as entry_moment,
    max(case when moment & 2097150 > 0 then moment end) as exit_moment,
    -- Short lists: a fifth less for the whole statement than count(distinct).
    coalesce(len(list_distinct(list(case when moment & 2097150 > 0 then moment & 2097150 end))), 0)::bigint
        as distinct_paths
from session_events
group by s;

-- Two users who share a session, and two events of one second, name and path that begin one: both few.
create temp table first_rows as
select s, arg_min(rows.row_id, (moment, user_hash, event_id)) as first_row, count(distinct u) as users,
    arg_min(u, (moment, user_hash, event_id)) as u
from session_events as rows
inner join warehouse.raw.events as events on events.rowid = rows.row_id
where s in (
    select s from session_sums where u <> other_u
    union
    select s from session_events inner join session_sums using (s) where is_tied and moment = first_moment
)
group by s;
