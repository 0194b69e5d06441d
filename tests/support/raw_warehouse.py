"""A warehouse as ingestion leaves it, and a seeds folder, both from plain Python rows."""

import csv
import hashlib
import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingestion.raw.tables import RAW_TABLES, SCHEMA, RawTable

Row = dict[str, Any]

LOAD_ID = "1700000000.000001"
LOADED_AT = datetime(2030, 1, 1)

_CONTENT_COLUMNS = [
    "event",
    "user_hash",
    "customer_org_id",
    "path",
    "session_id",
    "ts_epoch",
    "environment",
    "plan",
    "properties",
]


def content_hash(row: Row) -> str:
    """Some stable name of an event's content; the marts depend only on its being one."""
    content = json.dumps([row[column] for column in _CONTENT_COLUMNS])
    return hashlib.sha256(content.encode()).hexdigest()


def event_row(**fields: Any) -> Row:
    """A row of ``raw.events``, with the values that ingestion gives to absent fields."""
    row = {
        "user_hash": "0" * 64,
        "path": None,
        "session_id": None,
        "ts_epoch": None,
        "environment": "production",
        "plan": None,
        "properties": None,
        **_provenance("events.jsonl"),
        "loaded_at": LOADED_AT,
        **fields,
    }
    return {**row, "content_hash": content_hash(row)}


def receipt_row(event: Row, received_at: datetime) -> Row:
    """A later-loaded duplicate of a stored event that was received earlier."""
    identity = ("company_id", "app_id", "event_id", "content_hash")
    return {
        **{column: event[column] for column in identity},
        "received_at": received_at,
        **_provenance("again.jsonl"),
        "loaded_at": LOADED_AT,
    }


def organization_row(version_number: int = 1, **fields: Any) -> Row:
    return {"version_number": version_number, **_provenance("organizations.csv"), **fields}


def subscription_row(version_number: int = 1, **fields: Any) -> Row:
    return {
        "end_at": None,
        "status": "active",
        "source_system": None,
        "source_subscription_id": None,
        "version_number": version_number,
        **_provenance("subscriptions.csv"),
        **fields,
    }


def dismissal_row(version_number: int = 1, **fields: Any) -> Row:
    return {
        "reason": None,
        "dismissed_by": None,
        "version_number": version_number,
        **_provenance("dismissals.csv"),
        **fields,
    }


def call_receipt_row(call: Row, received_at: datetime) -> Row:
    """A later-loaded duplicate of a stored call that was received earlier."""
    identity = ("company_id", "app_id", "call_id", "content_hash")
    return {
        **{column: call[column] for column in identity},
        "received_at": received_at,
        **_provenance("again.jsonl"),
        "item_number": None,
        "loaded_at": LOADED_AT,
    }


def loaded_file_row(**fields: Any) -> Row:
    """A file of events that one load has read."""
    counts = dict.fromkeys(("rows_accepted", "rows_rejected", "rows_duplicate"), 0)
    return {
        "app_id": "web",
        "kind": "events",
        "checksum": "0" * 64,
        "bytes": 1,
        "rows_read": 0,
        **counts,
        "loaded_at": LOADED_AT,
        "load_id": LOAD_ID,
        "_dlt_load_id": LOAD_ID,
        **fields,
    }


def rejected_row(**fields: Any) -> Row:
    """A row of a file of events that broke a rule."""
    return {
        "row_id": fields["path"],
        "app_id": "web",
        "source": "events",
        "line_number": 1,
        "item_number": None,
        "raw_text": None,
        "fields": None,
        "load_id": LOAD_ID,
        "rejected_at": LOADED_AT,
        "resolved_at": None,
        "_dlt_load_id": LOAD_ID,
        **fields,
    }


def collision_rows(rows: list[Row], id_column: str = "event_id") -> list[Row]:
    """What ingestion writes for every id of an event or a call with more than one content."""
    contents: dict[tuple, set[str]] = {}
    for row in rows:
        identity = (row["company_id"], row["app_id"], row[id_column])
        contents.setdefault(identity, set()).add(row["content_hash"])
    return [
        {
            "company_id": company_id,
            "app_id": app_id,
            id_column: own_id,
            "loaded_at": LOADED_AT,
            "_dlt_load_id": LOAD_ID,
        }
        for (company_id, app_id, own_id), hashes in contents.items()
        for _ in range(len(hashes) - 1)
    ]


def build_warehouse(path: Path, rows: dict[str, list[Row]]) -> None:
    """Write a DuckDB file whose schema ``raw`` has every raw table, given rows or empty."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create schema {SCHEMA}")
        for table in RAW_TABLES:
            _create(connection, table, rows.get(table.name, []))
        connection.execute(
            f"create table {SCHEMA}._dlt_loads (load_id varchar, schema_name varchar, "
            "status bigint, inserted_at timestamp with time zone, schema_version_hash varchar)"
        )
        connection.execute(
            f"insert into {SCHEMA}._dlt_loads values (?, 'saas_tracker', 0, ?, 'x')",
            [LOAD_ID, LOADED_AT],
        )


def append_rows(path: Path, rows: dict[str, list[Row]]) -> None:
    """Add rows to the raw tables of a warehouse, as a later load does."""
    with duckdb.connect(str(path)) as connection:
        for table in RAW_TABLES:
            _append(connection, table, rows.get(table.name, []))


def _create(connection: duckdb.DuckDBPyConnection, table: RawTable, rows: list[Row]) -> None:
    columns = ", ".join(f'"{name}" {kind}' for name, kind in table.duckdb_columns().items())
    connection.execute(f"create table {SCHEMA}.{table.name} ({columns})")
    _append(connection, table, rows)


def _append(connection: duckdb.DuckDBPyConnection, table: RawTable, rows: list[Row]) -> None:
    if not rows:
        return
    batch = pa.Table.from_pylist(rows, schema=table.arrow_schema())
    _refuse_nulls(table, batch)
    connection.register("batch", batch)
    connection.execute(f"insert into {SCHEMA}.{table.name} select * from batch")
    connection.unregister("batch")


def _refuse_nulls(table: RawTable, batch: pa.Table) -> None:
    """A row that ingestion could never write would test nothing."""
    for name, kind in table.columns.items():
        if not kind.endswith("?") and batch[name].null_count:
            raise ValueError(f"raw.{table.name}.{name} must not be null")


def _provenance(path: str) -> Row:
    return {"source_path": path, "line_number": 2, "_dlt_load_id": LOAD_ID}


def write_seeds(folder: Path, project_seeds: Path, rows: dict[str, list[Row]]) -> None:
    """A complete seeds folder: the project's own, with the given files' rows in their place.

    Of the project's files that are not given, the rows of named companies are left out: their
    companies are not in the registry.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for source in sorted(project_seeds.glob("*.csv")):
        with source.open(encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            default = [r for r in reader if r.get("company_id", "*") == "*"]
            columns = list(reader.fieldnames or ())
        with (folder / source.name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows.get(source.stem, default))
