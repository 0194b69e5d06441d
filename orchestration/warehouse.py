"""Reading the warehouse: short questions, each with a connection of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from ingestion.settings import Settings


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
            f"{schema}.{name}": connection.execute(
                f'select count(*) from "{schema}"."{name}"'
            ).fetchone()[0]
            for schema, name in tables
        }
