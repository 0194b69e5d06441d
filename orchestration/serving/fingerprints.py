"""Which rows of the marts differ from the last publish.

Rows are compared by parts: a large mart's rows of one company and day, all rows of a company
otherwise. A part's fingerprint is the number of its rows and two sums of 64-bit hashes of them,
which the order of rows does not matter to. 10 million events take 2 s to hash, and 128 bits that
agree by chance are not to be expected in the life of a warehouse.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from ingestion.sql import literal, quoted
from orchestration.serving.marts import Mart
from orchestration.serving.targets import building_path, sync

# Below this a table is replaced as a whole sooner than its days are looked up.
CHUNKED_ROWS = 100_000

# In memory, beside the attached warehouse; every cursor of the connection sees them.
_COUNTED = "memory.main.counted_days"
_CHANGED = "memory.main.changed_parts"
_COMPARED = "memory.main.compared_parts"
_PARTS = "memory.main.parts"
_EARLIER = "memory.main.earlier_parts"
_COLUMNS = (
    "mart varchar, company_id varchar, day date, row_count bigint, first_sum hugeint,"
    " second_sum hugeint"
)
_NO_DAY = "date '0001-01-01'"
_UNKNOWN_DAY = "cast(null as date)"
_COMPARISON = f"""
    select coalesce(parts.mart, changed.mart) as mart,
        coalesce(parts.company_id, changed.company_id) as company_id,
        coalesce(parts.day, changed.day, {_NO_DAY}) as day,
        coalesce(parts.row_count, 0) as row_count,
        changed.mart is not null as is_changed
    from {_PARTS} as parts
    full join {_CHANGED} as changed
        on parts.mart = changed.mart
        and parts.company_id is not distinct from changed.company_id
        and parts.day is not distinct from changed.day
"""
_SEED = 20_260_101


@dataclass(frozen=True)
class Change:
    """How many parts differ, and how many rows those have now; and how many rows there are."""

    parts: int = 0
    rows: int = 0
    all_rows: int = 0

    def __add__(self, other: "Change") -> "Change":
        return Change(
            self.parts + other.parts, self.rows + other.rows, self.all_rows + other.all_rows
        )


@dataclass(frozen=True)
class Day:
    """How many rows a mart has of a day, and whether it had others.

    Days are numbers, since years may have five digits: 0 is 1 January of the year 1, which stands
    for rows without a day, too.
    """

    day: int
    rows: int
    is_changed: bool


class Fingerprints:
    """The parts of all marts, and those that the last publish did not have like this."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, marts: list[Mart], earlier: Path | None
    ) -> None:
        """Read every row once. Where there are no earlier fingerprints, all is new."""
        self._connection = connection
        self._days = self._read_parts(marts)
        connection.execute(f"create table {_EARLIER} ({_COLUMNS})")
        if earlier is not None:
            connection.execute(f"insert into {_EARLIER} from read_parquet({literal(earlier)})")
        connection.execute(
            f"create table {_CHANGED} as select distinct mart, company_id, day from ("
            f"(from {_PARTS} except from {_EARLIER})"
            f" union all (from {_EARLIER} except from {_PARTS}))"
        )
        connection.execute(f"create table {_COMPARED} as {_COMPARISON}")
        # Read here: copies are built in threads, which may not share this connection.
        self._changes, self._spans = self._read_changes(), self._read_spans()

    def change(self, mart: Mart, company_id: str | None) -> Change:
        """What differs of a mart in the copy of a company, or of all (None).

        A mart without companies is whole wherever it is.
        """
        of_mart = self._changes.get(mart.name, {})
        if company_id is not None and mart.has_company_id:
            return of_mart.get(company_id, Change())
        return sum(of_mart.values(), Change())

    def has_days(self, mart: Mart) -> bool:
        """Whether the mart is large, and compared by day."""
        return self._days[mart.name] != _UNKNOWN_DAY

    def days(self, connection: duckdb.DuckDBPyConnection, mart: Mart, company_id: str) -> list[Day]:
        """The days of a large mart in a company's copy, in order, with those that are gone.

        ``connection`` is a cursor of the one that made the fingerprints.
        """
        company = literal(company_id) if mart.has_company_id else "null"
        found = connection.execute(
            f"select day - {_NO_DAY}, sum(row_count), bool_or(is_changed) from {_COMPARED}"
            f" where mart = {literal(mart.name)} and company_id is not distinct from {company}"
            " group by day order by day"
        )
        return [Day(day, int(rows), is_changed) for day, rows, is_changed in found.fetchall()]

    def rows_of_days(self, mart: Mart, first: int, last: int) -> str:
        """The condition for rows of a large mart, of the days from ``first`` to ``last``."""
        column = quoted(str(mart.day_column))
        condition = f"{column} >= {_NO_DAY} + {first} and {column} < {_NO_DAY} + {last + 1}"
        return f"{condition} or {column} is null" if first <= 0 <= last else condition

    def rows_of_changed_parts(
        self, connection: duckdb.DuckDBPyConnection, mart: Mart, company_id: str | None
    ) -> str:
        """The condition for rows of the parts that differ, of a company or of all (None).

        It may hold for more of them than need be (no company is taken for one named ""), but it
        holds for all rows of a part or for none. That for a company names no other.
        """
        if company_id is not None:
            return self._rows_of_changed_days(connection, mart, company_id)
        own = "cast(company_id as varchar)" if mart.has_company_id else "''"
        day = self._days[mart.name]
        changed = f"from {_CHANGED} where mart = {literal(mart.name)}"
        condition = (
            f"(coalesce({own}, ''), coalesce({day}, {_NO_DAY})) in"
            f" (select coalesce(company_id, ''), coalesce(day, {_NO_DAY}) {changed})"
        )
        if mart.day_column and (span := self._spans.get(mart.name)):
            # Without the list: blocks of other days are not read at all.
            column = quoted(mart.day_column)
            condition += f" and {column} >= date '{span[0]}' and {column} < date '{span[1]}' + 1"
        return condition

    def _rows_of_changed_days(
        self, connection: duckdb.DuckDBPyConnection, mart: Mart, company_id: str
    ) -> str:
        if not self.has_days(mart):
            return "true"
        spans: list[list[int]] = []
        for day in self.days(connection, mart, company_id):
            if day.is_changed and spans and spans[-1][1] == day.day - 1:
                spans[-1][1] = day.day
            elif day.is_changed:
                spans.append([day.day, day.day])
        return " or ".join(f"({self.rows_of_days(mart, *span)})" for span in spans)

    def save(self, path: Path) -> None:
        """Keep the fingerprints for the next publish."""
        built = building_path(path)
        # As text: the sums have up to 128 bits, for which Parquet has no type.
        sums = "first_sum::varchar as first_sum, second_sum::varchar as second_sum"
        self._connection.execute(
            f"copy (select * replace ({sums}) from {_PARTS}) to {literal(built)} (format parquet)"
        )
        sync(built)
        built.replace(path)

    def _read_parts(self, marts: list[Mart]) -> dict[str, str]:
        """Fill the table of parts; returns the expression for the day of a row, by mart."""
        self._connection.execute(f"create table {_COUNTED} ({_COLUMNS})")
        for mart in marts:
            self._connection.execute(f"insert into {_COUNTED} {_counted_days(mart)}")
        self._connection.execute(
            f"create table {_PARTS} as"
            " select mart, company_id, case when is_large then day end as day,"
            " cast(sum(row_count) as bigint) as row_count,"
            " sum(first_sum) as first_sum, sum(second_sum) as second_sum"
            f" from (select *, sum(row_count) over (partition by mart) > {CHUNKED_ROWS} as is_large"
            f" from {_COUNTED}) group by all"
        )
        by_day = f"select distinct mart from {_PARTS} where day is not null"
        large = {name for (name,) in self._connection.execute(by_day).fetchall()}
        return {mart.name: _day(mart) if mart.name in large else _UNKNOWN_DAY for mart in marts}

    def _read_changes(self) -> dict[str, dict[str | None, Change]]:
        found = self._connection.execute(
            "select mart, company_id, count(*) filter (is_changed),"
            " coalesce(sum(row_count) filter (is_changed), 0), sum(row_count)"
            f" from {_COMPARED} group by mart, company_id"
        )
        changes: dict[str, dict[str | None, Change]] = {}
        for mart, company_id, parts, rows, all_rows in found.fetchall():
            changes.setdefault(mart, {})[company_id] = Change(parts, int(rows), int(all_rows))
        return changes

    def _read_spans(self) -> dict[str, tuple[date, date]]:
        """First and last day that differ, of marts where all that differs has a day."""
        found = self._connection.execute(
            f"select mart, min(day), max(day) from {_CHANGED} group by mart"
            " having count(*) = count(day)"
        )
        return {mart: (first, last) for mart, first, last in found.fetchall()}


def _day(mart: Mart) -> str:
    column = mart.day_column
    return _UNKNOWN_DAY if column is None else f"cast({quoted(column)} as date)"


def _counted_days(mart: Mart) -> str:
    """Rows of a mart by company and day, and the sums of their hashes."""
    names = [quoted(column.name) for column in mart.columns]
    # The second hash meets the columns the other way round: it is not the first one's shadow.
    first, second = ", ".join(names), ", ".join([str(_SEED), *reversed(names)])
    company_id = "cast(company_id as varchar)" if mart.has_company_id else "null"
    return (
        f"select {literal(mart.name)}, {company_id}, {_day(mart)}, count(*),"
        f" sum(hash({first})), sum(hash({second})) from {mart.source} group by all"
    )
