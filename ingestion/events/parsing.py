"""Event files into the work table ``parsed_events``: every row read, judged and hashed.

All work is DuckDB over Arrow batches; Python sees files and batches, never a row.
"""

from collections.abc import Callable, Iterator

import duckdb
import pyarrow as pa

from ingestion.errors import FileChangedError, UnreadableFileError
from ingestion.events import fields, rules
from ingestion.events.files import (
    JSON_SCHEMA,
    BatchStream,
    EventFile,
    numbered,
    read_csv,
    read_parquet,
)
from ingestion.events.identity import content_hash_sql
from ingestion.landing.storage import LandingZone
from ingestion.reading.lines import MAX_LINE_BYTES, line_batches
from ingestion.reading.text import beginning_sql, trimmed_sql

Progress = Callable[[int], None]  # told the stored bytes of each file that was read
FileFailure = UnreadableFileError | FileChangedError

_WORK_TABLES = """
    create table event_files (
        file_number integer, company_id varchar, app_id varchar, source_path varchar,
        checksum varchar, modified_at timestamp);
    create table parsed_events (
        file_number integer, line_number bigint, company_id varchar, app_id varchar,
        reasons varchar, raw_text varchar, event varchar, user_hash varchar,
        customer_org_id varchar, path varchar, session_id varchar, ts_epoch bigint,
        environment varchar, plan varchar, received_at timestamp, properties varchar,
        sender_id varchar, content_hash varchar, is_written boolean default true)"""


def parse_files(
    connection: duckdb.DuckDBPyConnection,
    zone: LandingZone,
    files: list[EventFile],
    progress: Progress,
) -> dict[int, FileFailure]:
    """Fill ``event_files`` and ``parsed_events``; return what could not be read, by file number.

    A file that fails leaves no row behind. Rows are to be written (``is_written``) unless someone
    says otherwise: a replay reads whole files and writes the rows that it is about.
    """
    connection.execute(_WORK_TABLES)
    _register(connection, files)
    failures: dict[int, FileFailure] = {}
    json_files = [file for file in files if file.route.file_format == "json"]
    batches = _json_batches(zone, json_files, failures, progress)
    _judge(connection, BatchStream(JSON_SCHEMA, batches), fields.from_json_lines)
    for file in files:
        if file.route.file_format == "json":
            continue
        try:
            with zone.open(file.file, file.route.compression) as stream:
                read = read_csv if file.route.file_format == "csv" else read_parquet
                rows, query = read(file, stream)
                _judge(connection, rows, query)
                rows.raise_error()
        except (UnreadableFileError, FileChangedError) as error:
            failures[file.number] = error
        progress(file.file.size)
    _forget(connection, failures)
    return failures


def _register(connection: duckdb.DuckDBPyConnection, files: list[EventFile]) -> None:
    columns = {
        "file_number": pa.array([file.number for file in files], pa.int32()),
        "company_id": pa.array([file.route.company_id for file in files], pa.string()),
        "app_id": pa.array([file.route.app_id for file in files], pa.string()),
        "source_path": pa.array([file.file.path for file in files], pa.string()),
        "checksum": pa.array([file.checksum for file in files], pa.string()),
        "modified_at": pa.array([file.file.modified_at for file in files], pa.timestamp("us")),
    }
    connection.register("files", pa.table(columns))
    connection.execute("insert into event_files select * from files")
    connection.unregister("files")


def _json_batches(
    zone: LandingZone,
    files: list[EventFile],
    failures: dict[int, FileFailure],
    progress: Progress,
) -> Iterator[pa.RecordBatch]:
    """One stream over all files: many small ones cost no more than one large one."""
    for file in files:
        try:
            with zone.open(file.file, file.route.compression) as stream:
                for batch in line_batches(stream, MAX_LINE_BYTES):
                    yield numbered(batch, file.number)
        except (UnreadableFileError, FileChangedError) as error:
            failures[file.number] = error
        progress(file.file.size)


def _judge(
    connection: duckdb.DuckDBPyConnection, rows: BatchStream, query: Callable[[str], str]
) -> None:
    """Read fields from a stream of rows, judge them, and keep all in ``parsed_events``."""
    reader = pa.RecordBatchReader.from_batches(rows.schema, iter(rows))
    connection.register("incoming", reader)
    connection.execute(f"insert into parsed_events by name {_judged_sql(query('incoming'))}")
    connection.unregister("incoming")


def _judged_sql(fields_query: str) -> str:
    raw_text = "rtrim(raw_text, chr(13) || chr(10))"
    return f"""
        with sent as ({fields_query}),
        trimmed as (
            select * replace ({trimmed_sql("customer_org_id")} as customer_org_id) from sent
        ),
        timed as (
            select *, {rules.received_sql()} as received, {rules.epoch_sql()} as epoch
            from trimmed inner join event_files using (file_number)
        ),
        judged as (select *, {rules.reasons_sql()} as reasons from timed),
        stored as (
            select
                file_number, line_number, company_id, app_id, reasons,
                case when reasons <> '' then {beginning_sql(raw_text)} end as raw_text,
                event, user_hash, customer_org_id, path, session_id,
                case when reasons = '' then cast(epoch as bigint) end as ts_epoch,
                coalesce(environment, 'production') as environment, plan, received as received_at,
                properties, event_id as sender_id,
                case when received_at is not null then received end as sent_received_at
            from judged
        )
        select * exclude (sent_received_at),
            case when reasons = '' then {content_hash_sql()} end as content_hash
        from stored"""


def _forget(connection: duckdb.DuckDBPyConnection, failures: dict[int, FileFailure]) -> None:
    if failures:
        numbers = ", ".join(str(number) for number in failures)
        connection.execute(f"delete from parsed_events where file_number in ({numbers})")
