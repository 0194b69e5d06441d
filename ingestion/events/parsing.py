"""Event files read and judged: good rows of large chunks to Parquet, all others to a work table.

All work is DuckDB over Arrow batches; Python sees files and chunks of rows, never a row. Rows that
may have to wait for others (``ingestion.events.identity``) and rows that broke a rule are kept in
the table ``parsed_events``; a replay, which looks at rows one by one, keeps all of them there.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from ingestion.event_fields import EVENT_FIELDS
from ingestion.events.chunks import FileEnd, FileFailure, read_chunks
from ingestion.events.rows import EventFile
from ingestion.events.validation import Validators
from ingestion.landing.storage import Zone
from ingestion.raw.tables import RAW_TABLES_BY_NAME
from ingestion.raw.writer import RawWriter

Progress = Callable[[int], None]  # called with the stored bytes of each file that was read

_FIELD_COLUMNS = ", ".join(
    f"{item.name} {RAW_TABLES_BY_NAME['events'].duckdb_columns()[item.name]}"
    for item in EVENT_FIELDS
)
_WORK_TABLES = f"""
    create table event_files (file_number integer, source_path varchar, checksum varchar);
    create table parsed_events (
        file_number integer, line_number bigint, company_id varchar, app_id varchar,
        reasons varchar, raw_text varchar, {_FIELD_COLUMNS},
        sender_id varchar, content_hash varchar, is_written boolean default true)"""


@dataclass(frozen=True)
class ReadFiles:
    """What became of the files of a load, by file number."""

    checksums: dict[int, str | None] = field(default_factory=dict)
    failures: dict[int, FileFailure] = field(default_factory=dict)


def parse_files(
    connection: duckdb.DuckDBPyConnection,
    zone: Zone,
    files: list[EventFile],
    writer: RawWriter | None,
) -> ReadFiles:
    """Fill ``event_files`` and ``parsed_events``.

    Good rows of large chunks go to the writer; without one all rows are in ``parsed_events``, to
    be written (``is_written``) unless someone says otherwise. Rows of files that failed are still
    among them: ``ingestion.events.load`` takes them back.
    """
    connection.execute(_WORK_TABLES)
    _register(connection, files)
    found = ReadFiles()
    with closing(read_chunks(zone, files)) as items, Validators(connection, writer) as validators:
        for item in items:
            if isinstance(item, FileEnd):
                found.checksums[item.file.number] = item.checksum
                if item.failure is not None:
                    found.failures[item.file.number] = item.failure
            else:
                validators.take(item)
    for number, failure in validators.failures.items():
        found.failures.setdefault(number, failure)
    return found


def _register(connection: duckdb.DuckDBPyConnection, files: list[EventFile]) -> None:
    columns = {
        "file_number": pa.array([file.number for file in files], pa.int32()),
        "source_path": pa.array([file.file.path for file in files], pa.string()),
        "checksum": pa.array([file.checksum for file in files], pa.string()),
    }
    connection.register("files", pa.table(columns))
    connection.execute("insert into event_files select * from files")
    connection.unregister("files")
