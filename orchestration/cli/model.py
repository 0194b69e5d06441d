"""``saas-tracker model``: from an edited model to its rows."""

from decimal import Decimal
from typing import Any

import duckdb

from ingestion.errors import UserError
from ingestion.sql import literal, only_row
from orchestration.cli.context import load_settings
from orchestration.cli.marts import rows
from orchestration.cli.output import print_json, print_line, print_table
from orchestration.transformation import development


def model(name: str, *, limit: int, as_json: bool) -> int:
    """Build a model with its tests into the development file and show its first rows."""
    settings = load_settings()
    quiet = ["--quiet"] if as_json else []
    if code := development.run_dbt(settings, [*quiet, "build", "--select", name]):
        return code
    file = development.development_file(settings)
    with duckdb.connect(str(file), read_only=True) as connection:
        # Views name the catalog of what they read.
        connection.execute(f"attach {literal(settings.warehouse)} (read_only)")
        relation = _relation(connection, name)
        (count,) = only_row(connection.execute(f"select count(*) from {relation}"))
        found = rows(connection, f"select * from {relation} limit {limit}")
    if as_json:
        print_json({"relation": relation, "rows": count, "first": found})
        return 0
    print_line(f"{relation} in {file}: {count:,} rows")
    if found:
        numbers = [name for name, value in found[0].items() if _is_number(value)]
        print_table(None, list(found[0]), [list(row.values()) for row in found], numbers=numbers)
    return 0


def _relation(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    found = connection.execute(
        "select schema_name || '.' || name from ("
        " select schema_name, table_name as name from duckdb_tables()"
        " where database_name = current_database()"
        " union all select schema_name, view_name from duckdb_views()"
        " where database_name = current_database() and not internal)"
        f" where name = {literal(name.removeprefix('mart_'))}"
    ).fetchone()
    if found is None:
        raise UserError(f"there is no model {name!r} (dbt_project/models/ holds them, a file each)")
    return found[0]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
