"""The rows of one load on their way to dlt: Parquet files, by raw table."""

from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.raw.tables import RAW_TABLES_BY_NAME
from ingestion.sql import literal

LOAD_ID_COLUMNS = ("_dlt_load_id", "load_id")
_COMPRESSION = "snappy"  # the files live for seconds
# Version 2 of the pages: a sixth faster to write and to load than version 1.
_COPY_OPTIONS = f"format parquet, parquet_version v2, compression {_COMPRESSION}"


class RawWriter:
    """Collects the rows of a load. Every row gets the load's id."""

    def __init__(
        self, folder: Path, connection: duckdb.DuckDBPyConnection, load_id: str, now: datetime
    ) -> None:
        self.load_id = load_id
        self.now = now
        self._folder = folder
        self._connection = connection
        self._numbers = count()
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._copied: dict[str, list[Path]] = {}
        self._filtered: dict[str, tuple[list[Path], str]] = {}

    def add(self, table: str, **row: Any) -> None:
        """A row of a table that has few; columns that are not named are null."""
        self._rows.setdefault(table, []).append(row)

    def copy(
        self,
        table: str,
        query: str,
        connection: duckdb.DuckDBPyConnection | None = None,
        **constants: str,
    ) -> tuple[Path, int]:
        """The rows of a query over the work tables, without a detour through Python.

        Columns that the query does not have are given as SQL in ``constants``. Each call writes a
        file of its own; returns it, and how many rows it has (without any it is gone).
        ``connection`` is a thread's own.
        """
        known = {
            "_dlt_load_id": f"'{self.load_id}'",
            "load_id": f"'{self.load_id}'",
            "loaded_at": f"timestamp '{self.now}'",
            **constants,
        }
        columns = ", ".join(
            f"{known[name]} as {name}" if name in known else name
            for name in RAW_TABLES_BY_NAME[table].columns
        )
        return self._copy(table, f"select {columns} from ({query})", connection)

    def discard(self, table: str, path: Path) -> None:
        """Take back what ``copy`` wrote to a file."""
        self._copied[table] = [kept for kept in self.copied(table) if kept != path]
        path.unlink(missing_ok=True)

    def leave_out(self, table: str, condition: str) -> None:
        """Leave out copied rows for which a condition holds.

        It is evaluated wherever the rows are read, also by the destination: it may refer to
        files, but not to the work tables. Writing the other rows again takes longer.
        """
        self._filtered[table] = (self._copied.pop(table), condition)

    def keep(self, name: str, query: str) -> Path:
        """The rows of a query as a file that lives as long as the load."""
        path = self._folder / f"{name}.parquet"
        self._connection.execute(f"copy ({query}) to {literal(path)} ({_COPY_OPTIONS})")
        return path

    def copied(self, table: str) -> list[Path]:
        """The files that hold copied rows of a table."""
        return list(self._copied.get(table, []))

    def make_view(self, name: str, table: str) -> None:
        """A view of the rows of a table that have been copied so far."""
        columns = RAW_TABLES_BY_NAME[table].duckdb_columns().items()
        nulls = ", ".join(f"cast(null as {kind}) as {column}" for column, kind in columns)
        queries = self._queries(table) or [f"select {nulls} where false"]
        self._connection.execute(f"create view {name} as {' union all '.join(queries)}")

    def _copy(
        self, table: str, query: str, connection: duckdb.DuckDBPyConnection | None = None
    ) -> tuple[Path, int]:
        path = self._folder / f"{table}.{next(self._numbers)}.parquet"
        copy = f"copy ({query}) to {literal(path)} ({_COPY_OPTIONS})"
        try:
            [(rows,)] = (connection or self._connection).execute(copy).fetchall()
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        if rows:
            self._copied.setdefault(table, []).append(path)
        else:
            path.unlink()
        return path, rows

    def queries(self, table: str, even_empty: bool) -> list[str]:
        """The rows of a table as DuckDB SQL over files; none, unless asked for, without any."""
        if table in self._rows or (even_empty and not self._queries(table)):
            self._copied.setdefault(table, []).append(self._write(table))
        return self._queries(table)

    def _queries(self, table: str) -> list[str]:
        parts = [(self._copied.get(table, []), None), self._filtered.get(table, ([], None))]
        columns = ", ".join(f'"{name}" as "{name}"' for name in RAW_TABLES_BY_NAME[table].columns)
        return [
            f"select {columns} from read_parquet([{', '.join(map(literal, paths))}])"
            + (f" where not {condition}" if condition else "")
            for paths, condition in parts
            if paths
        ]

    def _write(self, table: str) -> Path:
        schema = RAW_TABLES_BY_NAME[table].arrow_schema()
        rows = self._rows.get(table, [])
        ids = dict.fromkeys(
            (name for name in LOAD_ID_COLUMNS if name in schema.names), self.load_id
        )
        path = self._folder / f"{table}.parquet"
        arrow_table = pa.Table.from_pylist([{**row, **ids} for row in rows], schema)
        pq.write_table(arrow_table, path, compression=_COMPRESSION)
        return path
