"""The rows of one load on their way to dlt: Parquet files, by raw table."""

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.raw_tables import RAW_TABLES_BY_NAME
from ingestion.sql import literal

LOAD_ID_COLUMNS = ("_dlt_load_id", "load_id")
_COMPRESSION = "snappy"  # the files live for seconds


class RawWriter:
    """Collects the rows of a load. Every row gets the load's id."""

    def __init__(
        self, folder: Path, connection: duckdb.DuckDBPyConnection, load_id: str, now: datetime
    ) -> None:
        self.load_id = load_id
        self.now = now
        self._folder = folder
        self._connection = connection
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._copied: dict[str, Path] = {}

    def add(self, table: str, **row: Any) -> None:
        """A row of a table that has few; columns that are not named are null."""
        self._rows.setdefault(table, []).append(row)

    def copy(self, table: str, query: str, **constants: str) -> None:
        """The rows of a query over the work tables, without a detour through Python.

        Columns that the query does not have are given as SQL in ``constants``.
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
        path = self._folder / f"{table}.copied.parquet"
        self._connection.execute(
            f"copy (select {columns} from ({query})) to {literal(path)} "
            f"(format parquet, compression {_COMPRESSION})"
        )
        self._copied[table] = path

    def files(self, table: str, even_empty: bool) -> list[tuple[Path, int]]:
        """The table's Parquet files with their row counts; an empty one only where asked for."""
        found = []
        if table in self._copied and (rows := pq.read_metadata(self._copied[table]).num_rows):
            found.append((self._copied[table], rows))
        if table in self._rows or (even_empty and not found):
            found.append(self._write(table))
        return found

    def _write(self, table: str) -> tuple[Path, int]:
        schema = RAW_TABLES_BY_NAME[table].arrow_schema()
        rows = self._rows.get(table, [])
        ids = dict.fromkeys(
            (name for name in LOAD_ID_COLUMNS if name in schema.names), self.load_id
        )
        path = self._folder / f"{table}.parquet"
        arrow_table = pa.Table.from_pylist([{**row, **ids} for row in rows], schema)
        pq.write_table(arrow_table, path, compression=_COMPRESSION)
        return path, len(rows)
