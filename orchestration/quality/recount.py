"""Headline numbers once more, from raw rows, by another way than the models take.

DuckDB hands over columns or sums, pandas does the rest; no model and no macro is used. Written
from docs/metrics.md. Events are read once, as counts per organization and day. How events form
sessions and which subscriptions count is not decided here a second time: what is compared are sums.
Of the events of calls the models' word is taken for organization and user, for nothing else.
"""

from datetime import date

import duckdb
import pandas as pd

from orchestration.quality import recount_money

ACTIVE_DAYS = 30
Numbers = dict[tuple[str, str], int]  # (company_id, figure) to value

_SECONDS_PER_DAY = 86_400
_WINNER = (
    "received_at",
    "ts_epoch",
    "event",
    "path",
    "user_hash",
    "customer_org_id",
    "session_id",
    "environment",
    "plan",
    "properties",
)
_COUNTED = "company_id, app_id, customer_org_id, environment"

# Ids with several contents, or received again, are few: they are sorted out one by one.
_ODD_IDS = """
    create or replace temp table odd_ids as
    select company_id, app_id, event_id from raw.event_id_collisions
    union
    select company_id, app_id, event_id from raw.event_receipts"""
_PLAIN = (
    "(company_id, app_id, event_id) not in (select (company_id, app_id, event_id) from odd_ids)"
)
_ODD_EVENTS = """
    select events.* replace (
        least(events.received_at, coalesce(receipts.received_at, events.received_at)) as received_at
    )
    from raw.events
    inner join odd_ids using (company_id, app_id, event_id)
    left join (
        select company_id, app_id, event_id, content_hash, min(received_at) as received_at
        from raw.event_receipts group by all
    ) as receipts using (company_id, app_id, event_id, content_hash)"""
_CALL_EVENTS = "intermediate.int_call_events"
_ATTRIBUTED_CALLS = f"""
    select company_id, app_id, found.external_org_id as customer_org_id,
        coalesce(calls.environment, 'production') as environment,
        epoch(case
            when calls.is_time_sent then calls.occurred_at
            else least(calls.received_at, coalesce(receipts.received_at, calls.received_at))
        end) as second
    from raw.calls
    inner join {_CALL_EVENTS} as found using (company_id, app_id, call_id)
    left join (
        select company_id, app_id, call_id, content_hash, min(received_at) as received_at
        from raw.call_receipts group by all
    ) as receipts using (company_id, app_id, call_id, content_hash)
    anti join (from staging.stg_call_id_conflicts where content_rank > 1) as losers
        using (company_id, app_id, call_id, content_hash)
    where calls.kind in ('track', 'page', 'screen') and found.replaced_in is null"""
_NO_CALLS = """
    select ''::text as company_id, ''::text as app_id, ''::text as customer_org_id,
        ''::text as environment, 0.0::double as second
    where false"""


class Recount:
    """The numbers of one warehouse as of one day.

    Events from more than ``history_years`` before the day are the work of wrong clocks: they do
    not count.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, day: date, history_years: int
    ) -> None:
        self._connection = connection
        self._day = day
        self._first_day = (pd.Timestamp(day) - pd.DateOffset(years=history_years)).date()
        connection.execute(_ODD_IDS)
        is_built = connection.execute(
            "select count(*) from information_schema.tables"
            " where table_schema || '.' || table_name = ?",
            [_CALL_EVENTS],
        ).fetchone() != (0,)
        calls = _ATTRIBUTED_CALLS if is_built else _NO_CALLS
        connection.execute(f"create or replace temp view attributed_calls as {calls}")
        self._odd = self._read_odd_events()
        self._daily = self._read_daily_counts()

    def events(self) -> Numbers:
        """Production events up to the end of the day, per application."""
        sums = self._daily.groupby(["company_id", "app_id"])["events"].sum()
        return {(company, f"events of {app}"): int(n) for (company, app), n in sums.items()}

    def organizations(self) -> Numbers:
        """Organizations with an event in the last 30 days."""
        recent = self._daily[self._daily["day"] > _number(self._day) - ACTIVE_DAYS]
        active = recent.groupby("company_id")["customer_org_id"].nunique()
        return {(company, "active organizations"): int(n) for company, n in active.items()}

    def money(self) -> Numbers:
        """MRR in cents, paying organizations and subscriptions that count."""
        return recount_money.money(self._connection, self._day)

    def _read_daily_counts(self) -> pd.DataFrame:
        plain = self._connection.execute(
            f"""select {_COUNTED}, floor(coalesce(ts_epoch, epoch(received_at))
                    / {_SECONDS_PER_DAY})::bigint as day, count(*) as events
            from raw.events where {_PLAIN} group by all
            union all
            select {_COUNTED}, floor(second / {_SECONDS_PER_DAY})::bigint as day, count(*)
            from attributed_calls group by all"""
        ).df()
        odd = self._odd.assign(day=self._odd["second"] // _SECONDS_PER_DAY, events=1)
        both = pd.concat([plain, odd[plain.columns]]) if len(odd) else plain
        is_plausible = both["day"].between(_number(self._first_day), _number(self._day))
        both = both[is_plausible & self._is_production(both)]
        return both.merge(self._applications())

    def _read_odd_events(self) -> pd.DataFrame:
        """The one event of every odd id: the content received first, ties by the content."""
        rows = self._connection.execute(_ODD_EVENTS).df()
        rows["ts_epoch"] = rows["ts_epoch"].astype("float64")  # with room for fractions
        keys = {
            column: rows[column].map(lambda value: (value is not None and value == value, value))
            for column in _WINNER[2:]
        }
        order = pd.DataFrame({**keys, "received_at": rows["received_at"]})
        order["ts_epoch"] = rows["ts_epoch"].fillna(-1)
        rows = rows.loc[order.sort_values(list(_WINNER), kind="stable").index]
        rows = rows.drop_duplicates(["company_id", "app_id", "event_id"])
        received = (rows["received_at"] - pd.Timestamp(0)) / pd.Timedelta(seconds=1)
        return rows.assign(second=rows["ts_epoch"].fillna(received))

    def _is_production(self, events: pd.DataFrame) -> pd.Series:
        found = self._connection.execute(
            "select environment from seeds.environments where not is_production"
        ).fetchall()
        return ~events["environment"].isin({environment for (environment,) in found})

    def _applications(self) -> pd.DataFrame:
        return self._connection.execute(
            "select company_id, app_id from seeds.applications"
            " semi join seeds.companies using (company_id)"
        ).df()


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
