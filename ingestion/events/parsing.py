"""Event files read, judged and hashed: good rows to Parquet at once, all others to a work table.

All work is DuckDB over Arrow batches; Python sees files and chunks of rows, never a row. Rows that
may have to wait for others (``ingestion.events.identity``) and rows that broke a rule are kept in
the table ``parsed_events``; a replay, which looks at rows one by one, keeps all of them there.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from ingestion.events import rules
from ingestion.events.chunks import Chunk, FileEnd, FileFailure, read_chunks
from ingestion.events.files import EventFile
from ingestion.events.identity import DERIVED_ID, DERIVED_ID_BYTES, content_hash_sql
from ingestion.landing.storage import LandingZone
from ingestion.raw.writer import RawWriter
from ingestion.reading.text import beginning_sql, trimmed_sql
from ingestion.sql import literal

Progress = Callable[[int], None]  # told the stored bytes of each file that was read

# Fewer rows are not worth a Parquet file and a load job: they wait in the table.
MIN_COPIED_ROWS = 20_000
_JUDGES = 2

_WORK_TABLES = """
    create table event_files (file_number integer, source_path varchar, checksum varchar);
    create table parsed_events (
        file_number integer, line_number bigint, company_id varchar, app_id varchar,
        reasons varchar, raw_text varchar, event varchar, user_hash varchar,
        customer_org_id varchar, path varchar, session_id varchar, ts_epoch bigint,
        environment varchar, plan varchar, received_at timestamp, properties varchar,
        sender_id varchar, content_hash varchar, is_written boolean default true)"""

_NOT_COPIED = """(
    select * from incoming where (source_path, line_number) not in (
        select (source_path, line_number) from read_parquet({path})))"""


@dataclass(frozen=True)
class ReadFiles:
    """What became of the files of a load, by file number."""

    checksums: dict[int, str | None] = field(default_factory=dict)
    failures: dict[int, FileFailure] = field(default_factory=dict)


def parse_files(
    connection: duckdb.DuckDBPyConnection,
    zone: LandingZone,
    files: list[EventFile],
    progress: Progress,
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
    with closing(read_chunks(zone, files)) as items, Judges(connection, writer) as judges:
        for item in items:
            if isinstance(item, FileEnd):
                found.checksums[item.file.number] = item.checksum
                if item.failure is not None:
                    found.failures[item.file.number] = item.failure
                progress(item.file.file.size)
            else:
                judges.take(item)
    return found


class Judges:
    """Threads that judge one chunk each: where one waits for its file, the other computes."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, writer: RawWriter | None) -> None:
        self._connection = connection
        self._writer = writer
        self._pool = ThreadPoolExecutor(_JUDGES)
        self._busy: deque[Future[None]] = deque()

    def __enter__(self) -> "Judges":
        return self

    def __exit__(self, *_error: object) -> None:
        with self._pool:
            while self._busy:
                self._busy.popleft().result()

    def take(self, chunk: Chunk) -> None:
        """Judge a chunk in the background, once there is a thread for it."""
        if len(self._busy) == _JUDGES:
            self._busy.popleft().result()
        self._busy.append(self._pool.submit(self._judge, chunk))

    def _judge(self, chunk: Chunk) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("set timezone = 'UTC'")
            _take(cursor, chunk, self._writer)


def _register(connection: duckdb.DuckDBPyConnection, files: list[EventFile]) -> None:
    columns = {
        "file_number": pa.array([file.number for file in files], pa.int32()),
        "source_path": pa.array([file.file.path for file in files], pa.string()),
        "checksum": pa.array([file.checksum for file in files], pa.string()),
    }
    connection.register("files", pa.table(columns))
    connection.execute("insert into event_files select * from files")
    connection.unregister("files")


def _take(connection: duckdb.DuckDBPyConnection, chunk: Chunk, writer: RawWriter | None) -> None:
    """Judge the rows of a chunk and keep all of them, in one place or the other."""
    connection.register("incoming", chunk.rows)
    rest: str | None = "incoming"
    if writer is not None and len(chunk.rows) >= MIN_COPIED_ROWS:
        good = f"""select *, coalesce(sender_id, content_hash) as event_id
            from ({_judged_sql(chunk.form.query("incoming"), only_good=True)})"""
        path, copied = writer.copy("events", good, connection)
        if copied:
            rest = _NOT_COPIED.format(path=literal(path)) if copied < len(chunk.rows) else None
    if rest is not None:
        connection.execute(
            f"insert into parsed_events by name {_judged_sql(chunk.form.query(rest))}"
        )
    connection.unregister("incoming")


def _judged_sql(fields_query: str, only_good: bool = False) -> str:
    """Rows of the columns of ``parsed_events``.

    ``only_good`` leaves out rows that broke a rule, and those with an id of the sender's that
    could be one that is derived for another row; it has ``source_path`` instead of file_number.
    """
    raw_text = "rtrim(raw_text, chr(13) || chr(10))"
    reasons = "''" if only_good else rules.reasons_sql()
    may_be_derived = f"""case when strlen(event_id) >= {DERIVED_ID_BYTES}
        then regexp_full_match(event_id, '{DERIVED_ID}') else false end"""
    return f"""
        with sent as ({fields_query}),
        trimmed as (
            select * replace ({trimmed_sql("customer_org_id")} as customer_org_id) from sent
        ),
        timed as (
            select *, {rules.received_sql()} as received, {rules.epoch_sql()} as epoch
            from trimmed
        ),
        judged as (
            select *, {reasons} as reasons from timed
            {f"where {rules.is_good_sql(may_be_derived)}" if only_good else ""}
        ),
        stored as (
            select
                {"source_path" if only_good else "file_number"}, line_number, company_id, app_id,
                reasons, case when reasons <> '' then {beginning_sql(raw_text)} end as raw_text,
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
