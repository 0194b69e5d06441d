"""Chunks of rows judged in the background: good rows to files at once, all others to a table.

Every chunk is judged in a database of its own: whatever its bytes make the engine do, the work
tables of the load stay as they are. Where a chunk cannot be judged, the file that is to blame is
looked for and refused, and the rows of the others are judged without it.
"""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from ingestion.errors import UnreadableFileError, unreadable
from ingestion.event_fields import EVENT_FIELDS, EventField
from ingestion.events import rules
from ingestion.events.chunks import Chunk
from ingestion.events.identity import DERIVED_ID, DERIVED_ID_BYTES, content_hash_sql
from ingestion.events.rows import file_number_of
from ingestion.raw.writer import RawWriter
from ingestion.reading.text import beginning_sql, trimmed_sql
from ingestion.sql import literal

# Fewer rows are not worth a Parquet file and a load job: they wait in the table.
MIN_COPIED_ROWS = 20_000
_JUDGES = 2
_MEMORY = "2GB"
_THREADS = max(1, (os.cpu_count() or 1) // _JUDGES)
_NOT_COPIED = """(
    select * from incoming where (source_path, line_number) not in (
        select (source_path, line_number) from read_parquet({path})))"""


class Validators:
    """Threads that validate one chunk each: where one waits for its file, the other computes.

    ``failures`` holds, by number, the files that turned out to be unreadable. Rows of theirs may
    be kept already: ``ingestion.events.load`` takes them back.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, writer: RawWriter | None) -> None:
        self.failures: dict[int, UnreadableFileError] = {}
        self._connection = connection
        self._writer = writer
        self._pool = ThreadPoolExecutor(_JUDGES)
        self._busy: deque[Future[None]] = deque()

    def __enter__(self) -> "Validators":
        return self

    def __exit__(self, *_error: object) -> None:
        with self._pool:
            while self._busy:
                self._busy.popleft().result()

    def take(self, chunk: Chunk) -> None:
        """Validate a chunk in the background, once there is a thread for it."""
        if len(self._busy) == _JUDGES:
            self._busy.popleft().result()
        self._busy.append(self._pool.submit(self._validate, chunk))

    def _validate(self, chunk: Chunk) -> None:
        try:
            self._keep(chunk)
        except Exception as error:  # noqa: BLE001 (whatever the engine raises, a file is to blame)
            refused = unreadable(error)
            files = _by_file(chunk)
            if len(files) == 1:
                [number] = files
                row = _first_bad_row(chunk)
                self.failures[number] = refused if row is None else unreadable(error, f"row {row}")
                return
            for part in files.values():
                self._validate(part)

    def _keep(self, chunk: Chunk) -> None:
        """Validate the rows of a chunk and keep all of them, in one place or the other."""
        copied, rest = None, "incoming"
        with _database(chunk) as database:
            try:
                if self._writer is not None and len(chunk.rows) >= MIN_COPIED_ROWS:
                    copied, rows = self._writer.copy("events", _good_sql(chunk), database)
                    rest = _NOT_COPIED.format(path=literal(copied)) if rows else rest
                if copied is None or rows < len(chunk.rows):
                    waiting = database.execute(_judged_sql(chunk.form.query(rest)))
                    self._wait(waiting.to_arrow_table())
            except Exception:
                if copied is not None and self._writer is not None:
                    self._writer.discard("events", copied)
                raise

    def _wait(self, rows: pa.Table) -> None:
        with self._connection.cursor() as cursor:
            cursor.register("judged", rows)
            cursor.execute("insert into parsed_events by name select * from judged")
            cursor.unregister("judged")


@contextmanager
def _database(chunk: Chunk) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database that knows the rows of a chunk as ``incoming``."""
    with duckdb.connect() as database:
        database.execute("set timezone = 'UTC'")
        database.execute("set preserve_insertion_order = false")
        database.execute(f"set memory_limit = '{_MEMORY}'")
        database.execute(f"set threads = {_THREADS}")
        database.register("incoming", chunk.rows)
        yield database


def _by_file(chunk: Chunk) -> dict[int, Chunk]:
    batches: dict[int, list[pa.RecordBatch]] = {}
    for batch in chunk.rows.to_batches():
        if len(batch):
            batches.setdefault(file_number_of(batch), []).append(batch)
    return {
        number: Chunk(pa.Table.from_batches(items), chunk.form) for number, items in batches.items()
    }


def _first_bad_row(chunk: Chunk) -> int | None:
    """The number of a row that cannot be judged, also without the others; None without such."""
    rows = chunk.rows
    while len(rows) > 1:
        first_half = rows.slice(0, len(rows) // 2)
        fails = _fails(Chunk(first_half, chunk.form))
        rows = first_half if fails else rows.slice(len(first_half))
    return rows["line_number"][0].as_py() if _fails(Chunk(rows, chunk.form)) else None


def _fails(chunk: Chunk) -> bool:
    try:
        with _database(chunk) as database:
            database.execute(_judged_sql(chunk.form.query("incoming"))).fetchall()
    except duckdb.Error:
        return True
    return False


def _good_sql(chunk: Chunk) -> str:
    return f"""select *, coalesce(sender_id, content_hash) as event_id
        from ({_judged_sql(chunk.form.query("incoming"), only_good=True)})"""


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
        trimmed as (select * replace ({_trimmed_fields()}) from sent),
        read as (
            select *, {rules.received_sql()} as read_receipt, {rules.numbers_sql()} from trimmed
        ),
        timed as (
            select * exclude (read_receipt), {rules.within_receipts_sql("read_receipt")} as received
            from read
        ),
        judged as (
            select *, {reasons} as reasons from timed
            {f"where {rules.is_good_sql(may_be_derived)}" if only_good else ""}
        ),
        stored as (
            select
                {"source_path" if only_good else "file_number"}, line_number, company_id, app_id,
                reasons, case when reasons <> '' then {beginning_sql(raw_text)} end as raw_text,
                {", ".join(map(_stored, EVENT_FIELDS))},
                event_id as sender_id,
                case when received_at is not null then received end as sent_received_at
            from judged
        )
        select * exclude (sent_received_at),
            case when reasons = '' then {content_hash_sql()} end as content_hash
        from stored"""


def _trimmed_fields() -> str:
    return ", ".join(
        f"{trimmed_sql(field.name)} as {field.name}" for field in EVENT_FIELDS if field.is_trimmed
    )


def _stored(field: EventField) -> str:
    """The value of a field as the table holds it."""
    if field.kind == "time":
        return f"received as {field.name}"
    if field.kind == "whole_number":
        number = f"cast({rules.number_column(field)} as bigint)"
        return f"case when reasons = '' then {number} end as {field.name}"
    if field.default is not None:
        return f"coalesce({field.name}, {literal(field.default)}) as {field.name}"
    return field.name
