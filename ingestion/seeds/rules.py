"""The rules of the description, applied to the rows of a file.

Each function stands for an argument of the dbt test ``key_and_rules``, or for the dbt test of its
name (``dbt_project/macros/tests``).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from ingestion.ids import ID_PATTERN
from ingestion.seeds.description import Rule
from ingestion.seeds.problems import not_one_of, shown
from ingestion.seeds.reading import Row, SeedTable

EVERY = "*"  # the row of all companies, or of all applications
_REF = re.compile(r"ref\('(\w+)'\)")


@dataclass(frozen=True)
class Judged:
    """What a rule looks at. ``former`` tells which companies left: their rows apply to nobody.

    ``database`` is an empty one, to evaluate expressions in.
    """

    table: SeedTable
    rule: Rule
    tables: Mapping[str, SeedTable]
    former: Callable[[], frozenset[str]]
    database: duckdb.DuckDBPyConnection

    def filled(self, column: str) -> Iterator[tuple[Row, str]]:
        """The rows that have a value in the column, with it."""
        for row in self.table.rows:
            if value := row.cells.get(column, ""):
                yield row, value

    def object_to(self, row: Row | None, message: str, *, is_warning: bool = False) -> None:
        """Note a problem; it is a warning where the description says so."""
        line = None if row is None else row.line
        self.table.object_to(line, message, is_warning=is_warning or self.rule.is_warning)


def _key(judged: Judged) -> None:
    _come_once(judged, judged.rule.argument)


def _unique(judged: Judged) -> None:
    for column in judged.rule.argument:
        if any(column in row.cells for row in judged.table.rows):
            _come_once(judged, [column])


def _come_once(judged: Judged, columns: Sequence[str]) -> None:
    first: dict[tuple[str, ...], int] = {}
    for row in judged.table.rows:
        key = tuple(row.cells.get(column, "") for column in columns)
        if not all(key):
            lacking = [column for column, value in zip(columns, key, strict=True) if not value]
            judged.object_to(row, f"{', '.join(lacking)} is empty")
        elif key in first:
            named = ", ".join(f"{c} {shown(v)}" for c, v in zip(columns, key, strict=True))
            judged.object_to(row, f"{named} is on line {first[key]} already")
        else:
            first[key] = row.line


def _required(judged: Judged) -> None:
    for column in judged.rule.argument:
        for row in judged.table.rows:
            if column not in row.cells:
                judged.object_to(None, f"there is no column {column}")
                break
            if not row.cells[column]:
                judged.object_to(row, f"{column} is empty")


def _accepted_values(judged: Judged) -> None:
    for column, values in judged.rule.argument.items():
        _is_one_of(judged, column, list(map(str, values)))


def _relationships(judged: Judged) -> None:
    for relationship in judged.rule.argument:
        [seed] = _REF.findall(relationship["to"])
        [column], [field] = relationship["columns"], relationship["fields"]
        _is_one_of(judged, column, judged.tables[seed].values(field))


def _is_one_of(judged: Judged, column: str, known: Iterable[str]) -> None:
    known = list(known)
    for row, value in judged.filled(column):
        if value not in known:
            judged.object_to(row, not_one_of(column, value, known))


def _accepted_range(judged: Judged) -> None:
    for column, bounds in judged.rule.argument.items():
        for row, value in judged.filled(column):
            number, least, most = _number(value), bounds.get("min_value"), bounds.get("max_value")
            if number is not None and least is not None and number < least:
                judged.object_to(row, f"{column} {shown(value)} is below {least}")
            if number is not None and most is not None and number > most:
                judged.object_to(row, f"{column} {shown(value)} is above {most}")


def _ids(judged: Judged) -> None:
    for column, options in judged.rule.argument.items():
        for row, value in judged.filled(column):
            if value in options["reserved"]:
                judged.object_to(row, f"{column} {shown(value)} is reserved; choose another")
            elif not ID_PATTERN.fullmatch(value):
                judged.object_to(
                    row,
                    f"{column} {shown(value)} may hold a-z, 0-9, - and _ only, start with"
                    " a letter or digit, and have at most 63 characters",
                )


def _rules(judged: Judged) -> None:
    for expression in judged.rule.argument:
        _expression_is_true(judged, expression)


def _expression_is_true(judged: Judged, expression: str) -> None:
    columns = judged.table.seed.columns
    rows = {
        name: [row.cells.get(name) or None for row in judged.table.rows] for name in columns
    } | {"line": [row.line for row in judged.table.rows]}
    types = {name: pa.int64() if name == "line" else pa.string() for name in rows}
    typed = ", ".join(f"try_cast({name} as {kind}) as {name}" for name, kind in columns.items())
    judged.database.register("cells", pa.table(rows, pa.schema(types)))
    broken = judged.database.execute(
        f"select line from (select line, {typed} from cells)"
        f" where not coalesce({expression}, false) order by line"
    ).fetchall()
    by_line = {row.line: row for row in judged.table.rows}
    for (line,) in broken:
        values = ", ".join(shown(v) for n, v in by_line[line].cells.items() if n in expression)
        judged.object_to(by_line[line], f"{values}: it must hold that {expression}")


def _known_owner(judged: Judged) -> None:
    known = judged.tables["companies"].values("company_id")
    for row, value in judged.filled("company_id"):
        if value in (EVERY, *known):
            continue
        if value in judged.former():
            message = f"company {shown(value)} has left: the row applies to nobody"
            judged.table.object_to(row.line, message, is_warning=True)
        else:
            judged.table.object_to(row.line, not_one_of("company_id", value, known))
    if "app_id" in judged.rule.argument["columns"]:
        _known_application(judged)


def _known_application(judged: Judged) -> None:
    registered = [
        (row.cells["company_id"], row.cells["app_id"]) for row in judged.tables["applications"].rows
    ]
    companies = {EVERY, *judged.tables["companies"].values("company_id")}
    for row in judged.table.rows:
        company_id, app_id = row.cells.get("company_id", ""), row.cells.get("app_id", "")
        known = [app for company, app in registered if company_id in (EVERY, company)]
        if company_id not in companies or app_id in ("", EVERY):
            continue  # the rows of a company that left apply to nobody, whatever they name
        if app_id not in known:
            judged.object_to(row, not_one_of("app_id", app_id, [*known, EVERY]))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


RULES: dict[str, Callable[[Judged], None]] = {
    "accepted_range": _accepted_range,
    "accepted_values": _accepted_values,
    "combination_of_columns": _key,
    "ids": _ids,
    "known_owner": _known_owner,
    "relationships": _relationships,
    "required": _required,
    "rules": _rules,
    "unique": _unique,
}
