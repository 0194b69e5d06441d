"""What ingestion asks the warehouse before it loads: read-only, and only of schema ``raw``."""

from pathlib import Path
from typing import Any

import duckdb

from ingestion.raw.tables import SCHEMA
from ingestion.settings import Settings
from ingestion.sql import literal

CATALOG = "loaded"
RAW = f"{CATALOG}.{SCHEMA}"

# By default DuckDB writes what its version 0.10 can read. This one compresses texts better, by a
# third, and writes them faster, by a fifth; the file is the pipeline's own, BI reads copies.
STORAGE_VERSION = "v1.4.0"


# For dismissals an organization counts as seen if an event or a call names it.
NAMED_ORG_IDS = {
    "events": "select distinct customer_org_id from {table} where company_id = {company_id}",
    "calls": """
        select account_id from {table} where company_id = {company_id} and account_id is not null
        union
        select unnest(json_extract_string(groups, '$.*[*]')) from {table}
        where company_id = {company_id} and groups is not null
        union
        select user_id from {table} where company_id = {company_id} and user_id is not null""",
}


def create_warehouse(path: Path) -> None:
    """An empty DuckDB file; of a killed attempt nothing is left under the name."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            f"attach {literal(unfinished)} as fresh (storage_version '{STORAGE_VERSION}')"
        )
    unfinished.rename(path)


def raw_tables(connection: duckdb.DuckDBPyConnection, catalog: str | None = None) -> set[str]:
    """The tables of schema ``raw``, dlt's own among them: of an attached database, or this one."""
    database = literal(catalog) if catalog else "current_database()"
    found = connection.execute(
        "select table_name from duckdb_tables()"
        f" where database_name = {database} and schema_name = '{SCHEMA}'"
    )
    return {row[0] for row in found.fetchall()}


class LoadedData:
    """The tables of earlier loads, attached to a connection of the caller's.

    Before the first load there are none, and every question has an empty answer.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
        self._connection = connection
        self._tables: set[str] = set()
        if settings.warehouse.exists():
            connection.execute(f"attach {literal(settings.warehouse)} as {CATALOG} (read_only)")
            self._tables = raw_tables(connection, CATALOG)

    @classmethod
    def prepared(cls, connection: duckdb.DuckDBPyConnection, tables: set[str]) -> "LoadedData":
        """Over tables or views that the caller has put into the catalog itself."""
        loaded = cls.__new__(cls)
        loaded._connection, loaded._tables = connection, tables
        return loaded

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection that they are attached to."""
        return self._connection

    def has(self, table: str) -> bool:
        """Whether the raw table exists."""
        return table in self._tables

    def rows(self, table: str, query: str, **values: str) -> list[Any]:
        """Rows of a query; none where the table does not exist.

        The query writes ``{table}``, ``{schema}`` and the names of ``values`` in braces.
        """
        if not self.has(table):
            return []
        literals = {name: literal(value) for name, value in values.items()}
        text = query.format(table=f"{RAW}.{table}", schema=RAW, **literals)
        return self._connection.execute(text).fetchall()

    def seen_org_ids(self, company_id: str) -> set[str]:
        """Organizations that a company's events and calls named, of any environment."""
        return {
            row[0]
            for table, query in NAMED_ORG_IDS.items()
            for row in self.rows(table, query, company_id=company_id)
        }
