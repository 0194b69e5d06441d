"""Spark as the engine of a build: ``raw`` follows the warehouse, the warehouse shows the lake."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb
from pyhive.exc import OperationalError

from ingestion.settings import Settings
from orchestration.lake.catalog import data_files, open_catalog, tables_of
from orchestration.lake.pins import pin
from orchestration.lake.relations import relations_of
from orchestration.lake.server import spark_server
from orchestration.lake.sync import sync_raw
from orchestration.lake.types import query_of_files
from orchestration.platform.warehouse import (
    Columns,
    drop_relations,
    table_columns,
    warehouse_connection,
)
from orchestration.state.build_stages import pinned, remember_pinned
from orchestration.state.run_memory import RunMemory

_SCRATCH = "scratch"
# Error classes of Spark that rows are to blame for.
_OF_ROWS = re.compile(
    r"\[((?:CAST_|DIVIDE_|ARITHMETIC_|NUMERIC_|DATETIME_|INVALID_(?:ARRAY|INDEX)|CANNOT_PARSE_"
    r"|SCALAR_SUBQUERY_TOO_MANY_ROWS|USER_RAISED_|NOT_NULL_ASSERT_)\w*)[^]]*\] (?!org\.)([^\n.]*)"
)


class LakeEngine:
    """The models run on Spark; ``orchestration.transformation.engine`` says what each method is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def prepare(self) -> bool:
        """Bring ``raw`` to the lake. A build of another engine, or another ``raw``, is void.

        Raises UserError where server or catalog do not answer.
        """
        with (
            spark_server(self._settings),
            open_catalog(self._settings) as catalog,
            warehouse_connection(self._settings) as connection,
        ):
            synced = sync_raw(connection, catalog)
        return bool(synced.gone) or not pinned(RunMemory(self._settings))

    def finish(self, manifest: Mapping[str, Any]) -> None:
        """Let the warehouse have the tables of the lake as they are now."""
        relations = relations_of(manifest)
        with (
            spark_server(self._settings) as server,
            open_catalog(self._settings) as catalog,
            warehouse_connection(self._settings) as connection,
        ):
            pin(connection, catalog, server, relations)
        remember_pinned(RunMemory(self._settings), [str(relation) for relation in relations])

    @contextmanager
    def rows_of(self, query: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """The rows of a query that dbt compiled, by way of a table."""
        with (
            self._scratch_table("found", query) as name,
            open_catalog(self._settings) as catalog,
            duckdb.connect() as connection,
        ):
            table = catalog.load_table(name)
            yield connection, query_of_files(table.schema(), data_files(table))

    @contextmanager
    def trials(self) -> Iterator[Callable[[str, Collection[str]], str | None]]:
        """For queries that dbt compiled."""
        yield self._complaint

    def _complaint(self, query: str, not_null: Collection[str]) -> str | None:
        try:
            with self._scratch_table("trial", query) as name:
                for column in not_null:
                    with spark_server(self._settings) as server:
                        if server.ask(f"select 1 from {name} where `{column}` is null limit 1"):
                            return f"a row has no {column}"
        except OperationalError as error:
            said = _OF_ROWS.search(str(error))
            # The driver shows the server's answer as Python would write it.
            return said and f"{said[1]}: {said[2]}".replace("\\", "")
        return None

    @contextmanager
    def _scratch_table(self, name: str, query: str) -> Iterator[str]:
        table = f"{_SCRATCH}.{name}"
        with spark_server(self._settings) as server:
            server.run(f"create schema if not exists {_SCRATCH}")
            server.run(f"create or replace table {table} using iceberg as {query}")
            try:
                yield table
            finally:
                server.run(f"drop table {table} purge")

    def columns(self, manifest: Mapping[str, Any]) -> Columns:
        """The columns of what was pinned, and of what Spark alone knows: views, and new tables."""
        found, relations = table_columns(self._settings), relations_of(manifest)
        with spark_server(self._settings) as server:
            there = {
                f"{row[0]}.{row[1]}"
                for schema in {relation.schema for relation in relations}
                for kind in ("views", "tables")
                for row in server.ask(f"show {kind} in {schema}")
            }
            for relation in relations:
                if relation.name not in found.get(relation.schema, {}) and str(relation) in there:
                    columns = {name: kind for name, kind, *_ in server.ask(f"describe {relation}")}
                    found.setdefault(relation.schema, {})[relation.name] = columns
        return found

    def drop(self, names: Collection[str]) -> None:
        """Drop what earlier builds have made under these names, here and in the lake."""
        with warehouse_connection(self._settings) as connection:
            drop_relations(connection, names)
        with open_catalog(self._settings) as catalog, spark_server(self._settings) as server:
            for name in names:
                schema, table = name.split(".")
                what = "table" if table in tables_of(catalog, schema) else "view"
                server.run(f"drop {what} if exists {name}")
