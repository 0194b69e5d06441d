"""What a build asks of the engine that the models run on: DuckDB, or Spark and the lake."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import duckdb

from ingestion.settings import Settings
from ingestion.sql import literal, quoted
from orchestration.platform.warehouse import (
    Columns,
    drop_relations,
    table_columns,
    warehouse_connection,
)
from orchestration.state.build_stages import pinned, remember_pinned
from orchestration.state.run_memory import RunMemory

# What rows can do to a query. Memory, disk and locks are nobody's.
_OF_ROWS = (duckdb.DataError, duckdb.IntegrityError, duckdb.InvalidInputException)
_PROBE = "rows_of_a_trial"

Rows = tuple[duckdb.DuckDBPyConnection, str]
"""A connection, and the query on it that has the rows."""
Trial = Callable[[str, Collection[str]], str | None]
"""What is wrong with the rows of a query, some of whose columns need a value; None: nothing."""


class Engine(Protocol):
    """The engine that the settings name. The caller holds the writer's lock."""

    def prepare(self) -> bool:
        """Before a build; whether that has to make everything from scratch."""

    def finish(self, manifest: Mapping[str, Any]) -> None:
        """After a build that nothing blocks: the warehouse has what it made."""

    def rows_of(self, query: str) -> AbstractContextManager[Rows]:
        """The rows of a query that dbt compiled."""

    def trials(self) -> AbstractContextManager[Trial]:
        """For queries that dbt compiled."""

    def columns(self, manifest: Mapping[str, Any]) -> Columns:
        """The columns of everything that was built."""

    def drop(self, names: Collection[str]) -> None:
        """Drop what earlier builds have made under these names (``schema.name``)."""


def engine_of(settings: Settings) -> Engine:
    """The engine. Spark's packages are imported where it is the target, and nowhere else."""
    if settings.target == "spark":
        from orchestration.transformation.lake_engine import LakeEngine

        return LakeEngine(settings)
    return DuckDbEngine(settings)


class DuckDbEngine:
    """The models run in the warehouse."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def prepare(self) -> bool:
        """Where Spark has built last, names in the warehouse stand for tables of the lake."""
        memory = RunMemory(self._settings)
        names = pinned(memory)
        if names:
            self.drop(names)
            remember_pinned(memory, [])
        return bool(names)

    def finish(self, manifest: Mapping[str, Any]) -> None:
        """It is there."""

    @contextmanager
    def rows_of(self, query: str) -> Iterator[Rows]:
        """The rows of a query that dbt compiled."""
        with warehouse_connection(self._settings) as connection:
            yield connection, query

    @contextmanager
    def trials(self) -> Iterator[Trial]:
        """For queries that dbt compiled."""
        with warehouse_connection(self._settings) as connection:
            connection.execute(f"set memory_limit = {literal(self._settings.build_memory)}")
            yield lambda query, not_null: _complaint(connection, query, not_null)

    def columns(self, manifest: Mapping[str, Any]) -> Columns:
        """The columns of everything in the warehouse."""
        return table_columns(self._settings)

    def drop(self, names: Collection[str]) -> None:
        """Drop what earlier builds have made under these names (``schema.name``)."""
        with warehouse_connection(self._settings) as connection:
            drop_relations(connection, names)


def _complaint(
    connection: duckdb.DuckDBPyConnection, query: str, not_null: Collection[str]
) -> str | None:
    try:
        connection.execute(f"create or replace temp table {_PROBE} as {query}")
    except duckdb.Error as error:
        return str(error).partition("\n")[0] if isinstance(error, _OF_ROWS) else None
    for column in not_null:
        found = connection.execute(f"select 1 from {_PROBE} where {quoted(column)} is null limit 1")
        if found.fetchone():
            return f"a row has no {column}"
    return None
