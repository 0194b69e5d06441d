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
from pathlib import Path

import duckdb
import pyarrow as pa

from ingestion.dumps.chunks import Chunk
from ingestion.dumps.kind import DumpKind
from ingestion.dumps.rows import file_number_of
from ingestion.errors import UnreadableFileError, unreadable
from ingestion.raw.writer import RawWriter
from ingestion.sql import literal

# Fewer rows are not worth a Parquet file and a load job: they wait in the table.
MIN_COPIED_ROWS = 20_000
_JUDGES = 2
_MEMORY = "2GB"
_THREADS = max(1, (os.cpu_count() or 1) // _JUDGES)
_NOT_COPIED = """(
    select * from {rows} where (source_path, {place}) not in (
        select (source_path, {copied_place}) from read_parquet({path})))"""
_GOOD = "select *, coalesce(sender_id, content_hash) as {one}_id from ({judged})"


class Validators:
    """Threads that validate one chunk each: where one waits for its file, the other computes.

    ``failures`` holds, by number, the files that turned out to be unreadable. Rows of theirs may
    be kept already: ``ingestion.dumps.load`` takes them back.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, kind: DumpKind, writer: RawWriter | None
    ) -> None:
        self.failures: dict[int, UnreadableFileError] = {}
        self._connection = connection
        self._kind = kind
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
        copied = None
        kind, form = self._kind, chunk.form
        with _database(chunk) as database:
            rest, left = form.prepare(database)
            try:
                if self._writer is not None and left >= MIN_COPIED_ROWS:
                    good = kind.sql(_GOOD, judged=form.judged(rest, only_good=True))
                    copied, rows = self._writer.copy(kind.many, good, database, **kind.stored)
                    rest, left = self._not_copied(rest, copied) if rows else rest, left - rows
                if left:
                    waiting = database.execute(form.judged(rest, only_good=False))
                    self._wait(waiting.to_arrow_table())
            except Exception:
                if copied is not None and self._writer is not None:
                    self._writer.discard(kind.many, copied)
                raise

    def _not_copied(self, rows: str, copied: Path) -> str:
        places = (self._kind.working.get(name, name) for name in self._kind.place)
        return self._kind.sql(
            _NOT_COPIED, rows=rows, copied_place=", ".join(places), path=literal(copied)
        )

    def _wait(self, rows: pa.Table) -> None:
        with self._connection.cursor() as cursor:
            cursor.register("judged", rows)
            cursor.execute(self._kind.sql("insert into parsed_{many} by name select * from judged"))
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
            rows, _ = chunk.form.prepare(database)
            database.execute(chunk.form.judged(rows, only_good=False)).fetchall()
    except duckdb.Error:
        return True
    return False
