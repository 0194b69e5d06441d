"""Files read and judged: good rows of large chunks to Parquet, all others to a work table.

All work is DuckDB over Arrow batches; Python sees files and chunks of rows, never a row. Rows that
may have to wait for others (``ingestion.dumps.identity``) and rows that broke a rule are kept in
the table ``parsed_events`` or ``parsed_calls``; a replay, which looks at rows one by one, keeps all
of them there.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from ingestion.dumps.chunks import FileEnd, FileFailure, read_chunks
from ingestion.dumps.kind import DumpKind
from ingestion.dumps.rows import DumpFile
from ingestion.dumps.validation import Validators
from ingestion.landing.storage import Zone
from ingestion.raw.writer import RawWriter

Progress = Callable[[int], None]  # called with the stored bytes of each file that was read

_WORK_TABLES = """
    create table {one}_files (file_number integer, source_path varchar, checksum varchar);
    create table parsed_{many} (
        file_number integer, company_id varchar, app_id varchar, {columns},
        reasons varchar, raw_text varchar, sender_id varchar, content_hash varchar,
        is_written boolean default true)"""


@dataclass(frozen=True)
class ReadFiles:
    """What became of the files of a load, by file number."""

    checksums: dict[int, str | None] = field(default_factory=dict)
    failures: dict[int, FileFailure] = field(default_factory=dict)


def parse_files(
    connection: duckdb.DuckDBPyConnection,
    zone: Zone,
    files: list[DumpFile],
    kind: DumpKind,
    writer: RawWriter | None,
) -> ReadFiles:
    """Fill the tables of files and of parsed rows.

    Good rows of large chunks go to the writer; without one all rows are in the table, to be
    written (``is_written``) unless someone says otherwise. Rows of files that failed are still
    among them: ``ingestion.dumps.load`` takes them back.
    """
    kinds = {**dict.fromkeys(kind.place, "bigint"), **kind.fields}
    columns = ", ".join(f"{name} {type_}" for name, type_ in kinds.items())
    connection.execute(kind.sql(_WORK_TABLES, columns=columns))
    _register(connection, files, kind)
    found = ReadFiles()
    chunks = closing(read_chunks(zone, files, kind))
    with chunks as items, Validators(connection, kind, writer) as validators:
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


def _register(connection: duckdb.DuckDBPyConnection, files: list[DumpFile], kind: DumpKind) -> None:
    columns = {
        "file_number": pa.array([file.number for file in files], pa.int32()),
        "source_path": pa.array([file.file.path for file in files], pa.string()),
        "checksum": pa.array([file.checksum for file in files], pa.string()),
    }
    connection.register("files", pa.table(columns))
    connection.execute(kind.sql("insert into {one}_files select * from files"))
    connection.unregister("files")
