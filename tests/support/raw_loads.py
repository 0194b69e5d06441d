"""Schema ``raw`` of a warehouse, and loads of made-up rows into it."""

from typing import Any

import duckdb
import pyarrow as pa

from ingestion.raw.tables import RAW_TABLES, RAW_TABLES_BY_NAME, SCHEMA
from ingestion.settings import Settings

Row = dict[str, Any]


def make_raw(settings: Settings) -> None:
    """Every raw table, empty."""
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(f"create schema {SCHEMA}")
        connection.execute(f"create table {SCHEMA}._dlt_loads (load_id varchar)")
        for table in RAW_TABLES:
            columns = ", ".join(f"{name} {kind}" for name, kind in table.duckdb_columns().items())
            connection.execute(f"create table {SCHEMA}.{table.name} ({columns})")


def load(settings: Settings, load_id: str, **tables: Row | list[Row]) -> None:
    """Commit a load of these rows."""
    with duckdb.connect(str(settings.warehouse)) as connection:
        for table, rows in tables.items():
            listed = rows if isinstance(rows, list) else [rows]
            values = [{**row, "_dlt_load_id": load_id} for row in listed]
            batch = pa.Table.from_pylist(values, RAW_TABLES_BY_NAME[table].arrow_schema())
            connection.register("batch", batch)
            connection.execute(f"insert into {SCHEMA}.{table} select * from batch")
        connection.execute(f"insert into {SCHEMA}._dlt_loads values (?)", [load_id])
