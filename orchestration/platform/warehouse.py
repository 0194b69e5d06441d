"""Reading the warehouse: short questions, each with a connection of its own."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import duckdb

from ingestion.settings import Settings
from ingestion.sql import only_row, quoted

Columns = dict[str, dict[str, dict[str, str]]]
"""Schema -> table or view -> column -> type, in table order."""


@contextmanager
def warehouse_connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse for reading.

    Within the pipeline's process it has to be a writing one: DuckDB refuses to open a file in two
    modes at once, and dlt's is open for writing.
    """
    connection = duckdb.connect(str(settings.warehouse))
    try:
        yield connection
    finally:
        connection.close()


def last_load(settings: Settings) -> str:
    """The id of the newest finished load; empty before the first one."""
    if not settings.warehouse.exists():
        return ""
    with warehouse_connection(settings) as connection:
        try:
            (newest,) = only_row(connection.execute("select max(load_id) from raw._dlt_loads"))
        except duckdb.CatalogException:
            return ""
    return newest or ""


def reads_calls(settings: Settings) -> bool:
    """Whether a build reads calls: there are some, or the last complete one had some.

    The macro of that name (dbt_project/macros/builds/last_build.sql) is the same for dbt.
    """
    if not settings.warehouse.exists():
        return False
    with warehouse_connection(settings) as connection:
        for question in (
            "select 1 from raw.calls limit 1",
            "select 1 from intermediate.last_build_inputs"
            " where kind = 'build' and name = 'calls' and value = 'true'",
        ):
            try:
                if connection.execute(question).fetchone():
                    return True
            except duckdb.CatalogException:
                continue
    return False


def row_counts(settings: Settings, *schemas: str) -> dict[str, int]:
    """Rows of every table of the schemas, and of marts that are views, by ``schema.table``.

    Takes no scan: such a mart is the rows of one table.
    """
    if not settings.warehouse.exists():
        return {}
    with warehouse_connection(settings) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables()"
            " where database_name = current_database() and list_contains($1, schema_name)"
            " union all select schema_name, view_name from duckdb_views()"
            " where database_name = current_database() and not internal"
            " and schema_name = 'marts' and list_contains($1, schema_name)",
            [list(schemas)],
        ).fetchall()
        return {
            f"{schema}.{name}": only_row(
                connection.execute(f"select count(*) from {quoted(schema)}.{quoted(name)}")
            )[0]
            for schema, name in tables
        }


def table_columns(settings: Settings) -> Columns:
    """The columns of every table and view."""
    found: Columns = {}
    with warehouse_connection(settings) as connection:
        rows = connection.execute(
            "select schema_name, table_name, column_name, lower(data_type) from duckdb_columns()"
            " where database_name = current_database() and not internal"
            " order by schema_name, table_name, column_index"
        ).fetchall()
    for schema, table, column, kind in rows:
        found.setdefault(schema, {}).setdefault(table, {})[column] = kind
    return found


def drop_relations(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
    """Drop those of these tables and views (``schema.name``) that are there."""
    found = dict(
        connection.execute(
            "select table_schema || '.' || table_name, table_type"
            " from information_schema.tables where table_catalog = current_database()"
        ).fetchall()
    )
    for name in found.keys() & set(names):
        what = "view" if found[name] == "VIEW" else "table"
        connection.execute(f"drop {what} {'.'.join(map(quoted, name.split('.')))}")
