"""Rules about names that are compared by name key: two of one key would be one and the same."""

from collections.abc import Callable, Iterator, Mapping

from ingestion.name_key import name_keys
from ingestion.seeds.problems import shown
from ingestion.seeds.reading import Row, SeedTable
from ingestion.seeds.rules import EVERY

Tables = Mapping[str, SeedTable]
Scope = tuple[str, ...]

_LIST_SEPARATOR = "|"


def spellings(cells: Mapping[str, str], column: str) -> list[str]:
    """The name in a column, and the other names that the row gives it."""
    others = cells.get("also_sent_as", "").split(_LIST_SEPARATOR)
    return [name for name in (cells.get(column, ""), *others) if name.strip()]


def names_are_apart(tables: Tables) -> None:
    """No two events, group types, properties, traits or roles of one scope share a name key."""
    _check(tables["group_types"], "group_type", _companies)
    _check(tables["role_weights"], "role", _companies)
    _check(tables["tracking_plan"], "event", _applications)
    _check(
        tables["tracking_plan_properties"],
        "property",
        lambda row: (*_applications(row), row.cells.get("event", "")),
    )
    _check(
        tables["trait_plan"],
        "trait",
        lambda row: (*_companies(row), str(row.cells.get("entity") == "user")),
    )


def _companies(row: Row) -> Scope:
    return (row.cells.get("company_id", ""),)


def _applications(row: Row) -> Scope:
    return (row.cells.get("company_id", ""), row.cells.get("app_id", ""))


def _check(table: SeedTable, column: str, scope_of: Callable[[Row], Scope]) -> None:
    keys = name_keys(name for row in table.rows for name in spellings(row.cells, column))
    by_scope: dict[Scope, list[Row]] = {}
    for row in table.rows:
        by_scope.setdefault(scope_of(row), []).append(row)
    for scope in by_scope:
        # Rows of `*` hold for a scope, too, but for what it has rows of its own.
        own = {row.cells.get(column) for row in by_scope[scope]}
        shared = (row for row in _wider(by_scope, scope) if row.cells.get(column) not in own)
        named: dict[str, tuple[str, int]] = {}
        for row in (*shared, *by_scope[scope]):
            name = row.cells.get(column, "")
            for key in dict.fromkeys(keys[spelling] for spelling in spellings(row.cells, column)):
                other, line = named.setdefault(key, (name, row.line))
                if other != name:
                    message = f"{column} {shown(name)} and {shown(other)}, on line {line}, are one"
                    table.object_to(row.line, f"{message} name: {key}")


def _wider(by_scope: Mapping[Scope, list[Row]], scope: Scope) -> Iterator[Row]:
    for other, rows in by_scope.items():
        if other != scope and all(a in (EVERY, b) for a, b in zip(other, scope, strict=True)):
            yield from rows
