"""The generic rules of the description, applied to the rows of a file.

Each function stands for the dbt test of its name (``dbt_project/macros/tests``, or dbt's own).
"""

import re
from collections.abc import Callable, Iterator, Mapping
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
    """What a rule looks at. ``former`` tells which companies left: their rows apply to nobody."""

    table: SeedTable
    rule: Rule
    tables: Mapping[str, SeedTable]
    former: Callable[[], frozenset[str]]

    @property
    def filled(self) -> Iterator[tuple[Row, str]]:
        """The rows that have a value in the rule's column, with it."""
        for row in self.table.rows:
            if value := row.cells.get(self.rule.column or "", ""):
                yield row, value

    def object_to(self, row: Row | None, message: str, *, is_warning: bool = False) -> None:
        """Note a problem; it is a warning where the description says so."""
        line = None if row is None else row.line
        self.table.object_to(line, message, is_warning=is_warning or self.rule.is_warning)


def _required(judged: Judged) -> None:
    for column in judged.rule.arguments.get("columns") or [judged.rule.column]:
        for row in judged.table.rows:
            if column not in row.cells:
                judged.object_to(None, f"there is no column {column}")
                break
            if not row.cells[column]:
                judged.object_to(row, f"{column} is empty")


def _unique_key(judged: Judged) -> None:
    columns = judged.rule.arguments.get("columns") or [judged.rule.column]
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


def _unique(judged: Judged) -> None:
    if any(judged.rule.column in row.cells for row in judged.table.rows):
        _unique_key(judged)


def _accepted_values(judged: Judged) -> None:
    known = list(map(str, judged.rule.arguments["values"]))
    for row, value in judged.filled:
        if value not in known:
            judged.object_to(row, not_one_of(judged.rule.column or "", value, known))


def _relationships(judged: Judged) -> None:
    [seed] = _REF.findall(judged.rule.arguments["to"])
    if seed == "companies":
        _known_company(judged)
        return
    known = judged.tables[seed].values(judged.rule.arguments["field"])
    for row, value in judged.filled:
        if value not in known:
            judged.object_to(row, not_one_of(judged.rule.column or "", value, known))


def _known_company(judged: Judged) -> None:
    known = judged.tables["companies"].values("company_id")
    for row, value in judged.filled:
        if value == EVERY or value in known:
            continue
        if value in judged.former():
            message = f"company {shown(value)} has left: the row applies to nobody"
            judged.table.object_to(row.line, message, is_warning=True)
        else:
            judged.table.object_to(row.line, not_one_of("company_id", value, known))


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


def _at_least(judged: Judged) -> None:
    minimum = judged.rule.arguments["minimum"]
    for row, value in judged.filled:
        if _number(value) is not None and _number(value) < minimum:
            judged.object_to(row, f"{judged.rule.column} {shown(value)} is below {minimum}")


def _matches_id(judged: Judged) -> None:
    for row, value in judged.filled:
        if value in judged.rule.arguments.get("reserved", ()):
            judged.object_to(
                row, f"{judged.rule.column} {shown(value)} is reserved; choose another"
            )
        elif not ID_PATTERN.fullmatch(value):
            judged.object_to(
                row,
                f"{judged.rule.column} {shown(value)} may hold a-z, 0-9, - and _ only, start with"
                " a letter or digit, and have at most 63 characters",
            )


def _expression_holds(judged: Judged) -> None:
    expression, columns = judged.rule.arguments["expression"], judged.table.seed.columns
    rows = {
        name: [row.cells.get(name) or None for row in judged.table.rows] for name in columns
    } | {"line": [row.line for row in judged.table.rows]}
    types = {name: pa.int64() if name == "line" else pa.string() for name in rows}
    typed = ", ".join(f"try_cast({name} as {kind}) as {name}" for name, kind in columns.items())
    with duckdb.connect() as connection:
        connection.register("cells", pa.table(rows, pa.schema(types)))
        broken = connection.execute(
            f"select line from (select line, {typed} from cells)"
            f" where not coalesce({expression}, false) order by line"
        ).fetchall()
    by_line = {row.line: row for row in judged.table.rows}
    for (line,) in broken:
        values = ", ".join(shown(v) for n, v in by_line[line].cells.items() if n in expression)
        judged.object_to(by_line[line], f"{values}: it must hold that {expression}")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


RULES: dict[str, Callable[[Judged], None]] = {
    "accepted_values": _accepted_values,
    "at_least": _at_least,
    "expression_holds": _expression_holds,
    "known_application": _known_application,
    "known_company": _known_company,
    "matches_id": _matches_id,
    "not_null": _required,
    "relationships": _relationships,
    "required": _required,
    "unique": _unique,
    "unique_key": _unique_key,
}
