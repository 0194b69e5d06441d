"""The queries behind the events; names in braces are filled in by ``events.py``."""

from ingestion.demo.profiles import MAX_DELAY_DAYS


def share(weight: str) -> str:
    """A running weight as a running count of events, rounded down."""
    return f"(({weight})::hugeint * {{events}} // total::hugeint)::bigint"


# Whole numbers, because sums of floating-point numbers depend on the order of the threads.
WEIGHTS = """
    with listed as (
        select
            organizations.*,
            applications.number as app_number,
            applications.weight as app_weight,
            applications.weekend,
            unnest(range(
                greatest(organizations.first_day, from_day) - date '1970-01-01',
                least(organizations.last_day + 1, to_day) - date '1970-01-01'
            )) as day_number
        from organizations
        inner join applications
            on organizations.company_id = applications.company_id
        where
            applications.number = app
            and organizations.weight > 0
            and roll('uses', organizations.number * 64 + applications.number) < applications.used_by
    ),
    dated as (
        select *, date '1970-01-01' + day_number::integer as day
        from listed
    ),
    shaped as (
        select
            app_number,
            day,
            number,
            weight
            * app_weight
            * case when dayofweek(day) in (0, 6) then weekend else 1.0 end
            * case when month(day) = 12 and dayofmonth(day) > 23 then 0.5 else 1.0 end
            * (1 + 0.06 * sin(2 * pi() * dayofyear(day) / 365))
            * exp(trend * greatest(0, trend_days - (last_day - day)))
            * (0.75 + 0.25 * (day - date '{start}') / {days})
            * (0.5 + roll('noise', number * 100000 + day_number))
            / activity as weight
        from dated
        where
            (day < gap_from or day >= gap_to)
            and roll('active', number * 100000 + day_number) < activity
    )
    select app_number, day, number, round(weight * 10000)::bigint as weight
    from shaped
"""

SESSIONS = f"""
    create or replace temp table sessions as
    with weighted as (
        select daily.*, day_totals.before, day_totals.total
        from weights({{app}}, {{first}}, {{to}}) as daily
        inner join day_totals
            on daily.app_number = day_totals.app_number and daily.day = day_totals.day
    ),
    summed as (
        select
            *,
            before + sum(weight) over (
                partition by day order by number rows unbounded preceding
            ) as after
        from weighted
    ),
    counted as (
        select
            app_number, day, number,
            {share("after")} - {share("after - weight")} as events,
            hash({{seed}}, app_number, day, number) as day_key
        from summed
    ),
    lengths as (
        select *, 2 + (day_key % {{length}})::bigint as length
        from counted
        where events > 0
    ),
    listed as (
        select *, unnest(range((events + length - 1) // length)) as position
        from lengths
    ),
    keyed as (
        select *, least(length, events - position * length) as session_events,
            hash(day_key, position) as session_key
        from listed
    ),
    delayed as (
        select
            *,
            case
                when roll('late', session_key) < 0.012
                    then least(day + 1 + (session_key % {MAX_DELAY_DAYS})::integer, {{last}})
                else day
            end as received_on
        from keyed
    ),
    arrived as (
        select *
        from delayed
        where received_on >= {{from}} and received_on < {{to}}
    ),
    placed as (
        select
            arrived.*,
            organizations.sent_org_id,
            organizations.plan,
            organizations.adoption,
            floor(
                organizations.users * pow(roll('user', session_key), 1.6)
                * least(1, exp(organizations.trend * greatest(
                    0, organizations.trend_days - (organizations.last_day - day)
                )))
            )::bigint as user_number,
            20 + floor(roll('gap', session_key) * 70)::bigint as gap,
            case
                when roll('hours', session_key) < 0.92
                    then 25200 + 21600 * (roll('start', session_key) + roll('lunch', session_key))
                else 84000 * roll('start', session_key)
            end::bigint as start_second
        from arrived
        inner join organizations
            on arrived.number = organizations.number
    )
    select
        session_key,
        session_events,
        received_on,
        received_on > day as is_late,
        sent_org_id,
        plan,
        adoption,
        gap,
        sha256(concat_ws('|', {{seed}}, number, user_number)) as user_hash,
        case
            when roll('has_session_id', session_key) < {{has_session_id}}
                then printf('s-%016x', session_key)
        end as session_id,
        case
            when roll('environment', session_key) < 0.02 then {{other_environment}}
            when roll('environment', session_key) < 0.75 then 'production'
        end as environment,
        epoch(day::timestamp)::bigint
        + least(start_second, 86399 - session_events * gap) as start_epoch
    from placed
    order by day, start_second, session_key
"""

EVENTS = """
    with listed as (
        select *, unnest(range(session_events)) as position
        from sessions
    ),
    keyed as (
        select *, hash(session_key, position) as event_key
        from listed
    ),
    shaped as (
        select
            *,
            adoption * roll('kind', event_key) as kind,
            1 + event_key % 400 as item,
            start_epoch + position * gap + floor(roll('second', event_key) * gap)::bigint
            as ts_epoch
        from keyed
    ),
    named as (
        select
            *,
            {event} as event,
            {path} as path,
            case
                when is_late then epoch(received_on::timestamp)::bigint + 21600 + ts_epoch % 3600
                else ts_epoch + 1 + (event_key % 4)::bigint
            end as received_epoch
        from shaped
    )
    select {columns}
    from named
"""
