"""Events as DuckDB queries: from organization-days to sessions to events, file by file.

All chance is a hash of (seed, purpose, key), never ``random()``, so that neither the number of
threads nor the cut into files changes an event. Counts are exact: organization-days hold whole
weights, and the running total of the weights, scaled to the events asked for, is rounded down.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from ingestion.demo.organizations import Organization
from ingestion.demo.parquet import write_parquet
from ingestion.demo.profiles import COMPANIES, MAX_DELAY_DAYS, Application, Size
from ingestion.demo.queries import EVENTS, SESSIONS, WEIGHTS, share

APPLICATIONS = tuple(app for company in COMPANIES for app in company.applications)

_ROWS_PER_INSERT = 50_000
_ORGANIZATION_COLUMNS = {
    "number": "BIGINT",
    "company_id": "VARCHAR",
    "sent_org_id": "VARCHAR",
    "weight": "DOUBLE",
    "activity": "DOUBLE",
    "users": "BIGINT",
    "adoption": "DOUBLE",
    "first_day": "DATE",
    "last_day": "DATE",
    "gap_from": "DATE",
    "gap_to": "DATE",
    "trend": "DOUBLE",
    "trend_days": "BIGINT",
    "plan": "VARCHAR",
}
_APPLICATION_COLUMNS = {
    "number": "BIGINT",
    "company_id": "VARCHAR",
    "weight": "DOUBLE",
    "weekend": "DOUBLE",
    "used_by": "DOUBLE",
}
_COPY_OPTIONS = {
    "jsonl": "format json",
    "ndjson": "format json",
    "csv": "format csv, header true",
}
_COMPRESSIONS = {"gz": "gzip", "zst": "zstd"}


@dataclass(frozen=True)
class EventQuery:
    """Which events: received by ``app`` on the days from ``first_day`` to before ``end_day``."""

    app: Application
    first_day: date
    end_day: date
    columns: str


class EventStore:
    """An in-memory DuckDB that can write any slice of the demo's events."""

    def __init__(self, size: Size, organizations: Sequence[Organization], threads: int) -> None:
        self._size = size
        # Else DuckDB would put what does not fit in memory into the current folder.
        self._spill = TemporaryDirectory(prefix="saas-tracker-demo-")
        self._connection = duckdb.connect(
            config={"threads": threads, "temp_directory": self._spill.name}
        )
        # Without it the order of rows in a file would depend on the threads.
        self._connection.execute("set preserve_insertion_order = true")
        self._register(organizations)
        self._connection.execute(
            f"create macro roll(purpose, key) as"
            f" (hash({size.seed}::bigint, purpose, key) >> 12)::double / {2**52}.0"
        )
        self._allot()

    @property
    def total_events(self) -> int:
        """The events of all applications."""
        return self._size.events

    def close(self) -> None:
        """Free memory and disk."""
        self._connection.close()
        self._spill.cleanup()

    def events_on(self, app: Application, first_day: date, end_day: date) -> int:
        """How many events occur in ``app`` from ``first_day`` to before ``end_day``."""
        row = self._connection.execute(
            "select sum(events)::bigint from day_totals"
            " where app_number = ? and day >= ? and day < ?",
            [app.number, first_day, end_day],
        ).fetchone()
        return (row and row[0]) or 0

    def copy(self, query: EventQuery, target: Path, ending: str) -> int:
        """Write the events to ``target`` in the form of ``ending`` (``jsonl.gz``, ``csv`` …)."""
        form, _, packing = ending.partition(".")
        compression = f", compression {_COMPRESSIONS[packing]}" if packing else ""
        with self._connection.cursor() as cursor:
            self._load_sessions(cursor, query)
            if form == "parquet":
                return write_parquet(cursor.sql(self._select(query)).to_arrow_reader(), target)
            written = cursor.execute(
                f"copy ({self._select(query)}) to '{_quoted(target)}'"
                f" ({_COPY_OPTIONS[form]}{compression}, use_tmp_file false)"
            ).fetchone()
        return written[0] if written else 0

    def sample(self, query: EventQuery, rows: int) -> list[dict[str, object]]:
        """The first events of a slice, as Python values; nulls left out."""
        with self._connection.cursor() as cursor:
            self._load_sessions(cursor, query)
            cursor.execute(f"{self._select(query)} limit {rows}")
            names = [column[0] for column in cursor.description]
            return [
                {name: value for name, value in zip(names, row, strict=True) if value is not None}
                for row in cursor.fetchall()
            ]

    def _register(self, organizations: Sequence[Organization]) -> None:
        self._create_table("organizations", _ORGANIZATION_COLUMNS, organizations)
        self._create_table("applications", _APPLICATION_COLUMNS, APPLICATIONS)

    def _create_table(self, name: str, columns: dict[str, str], rows: Sequence[object]) -> None:
        # As JSON text: executemany is slow, and Arrow from Python lists imports pandas.
        listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        self._connection.execute(f"create table {name} ({listed})")
        for start in range(0, len(rows), _ROWS_PER_INSERT):
            batch = [
                {column: getattr(row, column) for column in columns}
                for row in rows[start : start + _ROWS_PER_INSERT]
            ]
            self._connection.execute(
                f"insert into {name} select unnest(from_json(?::json, ?), recursive := true)",
                [json.dumps(batch, default=str), json.dumps([columns])],
            )

    def _allot(self) -> None:
        """Total weights by application and day, and the scale from weights to events."""
        weights = WEIGHTS.replace("{start}", str(self._size.first_day))
        weights = weights.replace("{days}", str(self._size.days))
        self._connection.execute(f"create macro weights(app, from_day, to_day) as table {weights}")
        for app in APPLICATIONS:
            statement = (
                "create table raw_totals as" if app.number == 1 else "insert into raw_totals"
            )
            self._connection.execute(
                f"{statement} select app_number, day, sum(weight)::hugeint as weight"
                f" from weights({app.number}, date '{self._size.first_day}',"
                f" date '{self._size.as_of}')"
                " group by app_number, day"
            )
        self._connection.execute(
            f"""
            create table day_totals as
            with summed as (
                select
                    app_number, day, weight,
                    sum(weight) over (order by app_number, day) - weight as before,
                    sum(weight) over () as total
                from raw_totals
            )
            select
                *,
                {share("before + weight")} - {share("before")} as events
            from summed
            order by app_number, day
            """.replace("{events}", str(self._size.events))
        )

    def _load_sessions(self, cursor: duckdb.DuckDBPyConnection, query: EventQuery) -> None:
        app = query.app
        first = max(query.first_day - timedelta(days=MAX_DELAY_DAYS), self._size.first_day)
        parameters = {
            "app": str(app.number),
            "first": f"date '{first}'",
            "from": f"date '{query.first_day}'",
            "to": f"date '{query.end_day}'",
            "last": f"date '{self._size.as_of - timedelta(days=1)}'",
            "events": str(self._size.events),
            "seed": f"{self._size.seed}::bigint",
            "length": "8" if app.app_id == "mobile" else "12",
            "has_session_id": str(app.has_session_id),
            "other_environment": f"'{app.other_environment}'",
        }
        statement = SESSIONS
        for name, value in parameters.items():
            statement = statement.replace(f"{{{name}}}", value)
        cursor.execute(statement)

    def _select(self, query: EventQuery) -> str:
        names, paths = [], []
        for bound, event, path in query.app.kinds:
            names.append(f"when kind < {bound} then '{event}'")
            if path is None:
                paths.append(f"when kind < {bound} then null")
            elif path.endswith("#"):
                paths.append(f"when kind < {bound} then '{path[:-1]}' || item")
            else:
                paths.append(f"when kind < {bound} then '{path}'")
        return (
            EVENTS.replace("{columns}", query.columns)
            .replace("{event}", f"case {' '.join(names)} else 'login' end")
            .replace("{path}", f"case {' '.join(paths)} end")
        )


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
