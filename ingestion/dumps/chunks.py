"""Files as chunks of rows in memory, read ahead by threads.

Decompressing and splitting hold no lock of Python's for long, so two files are read at once while
DuckDB works on the chunk before. What is in memory is bounded by the chunks, not by the files.
"""

import hashlib
import queue
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import pyarrow as pa

from ingestion.dumps.kind import DumpKind, Reader
from ingestion.dumps.rows import DumpFile, Form, Rows
from ingestion.dumps.waiting import WaitingFiles
from ingestion.errors import FileChangedError, UnreadableFileError, unreadable
from ingestion.landing.storage import Zone

FileFailure = UnreadableFileError | FileChangedError

# 128 MB of lines are about 400,000 events: Parquet files that are worth a load job of their own.
CHUNK_BYTES = 128 << 20
# The engine copies what it works on several times: of wide rows it gets less at once.
_WIDE_CHUNK_BYTES, _WIDE_ROW_BYTES = 16 << 20, 64 << 10
READERS_AT_ONCE = 2
READER_NAME = "dump reader"


@dataclass(frozen=True)
class Chunk:
    """Rows of one or several files of one form."""

    rows: pa.Table
    form: Form


@dataclass(frozen=True)
class FileEnd:
    """A file of which all chunks have been given, or that failed; it may have no checksum then."""

    file: DumpFile
    checksum: str | None
    failure: FileFailure | None


@dataclass
class _Pending:
    """Batches that are not a chunk yet: many small files of one form make one."""

    form: Form | None = None
    schema: pa.Schema | None = None
    batches: list[pa.RecordBatch] = field(default_factory=list)
    size: int = 0
    rows: int = 0

    def fits(self, rows: Rows) -> bool:
        return not self.batches or (self.form, self.schema) == (rows.form, rows.schema)

    def add(self, rows: Rows, batch: pa.RecordBatch) -> None:
        self.form, self.schema = rows.form, rows.schema
        self.batches.append(batch)
        self.size += batch.nbytes
        self.rows += len(batch)

    def is_enough(self) -> bool:
        is_wide = self.size > self.rows * _WIDE_ROW_BYTES
        return self.size >= (min(_WIDE_CHUNK_BYTES, CHUNK_BYTES) if is_wide else CHUNK_BYTES)

    def take(self) -> Iterator[Chunk]:
        if self.form is not None and self.batches:
            yield Chunk(pa.Table.from_batches(self.batches, self.schema), self.form)
        self.batches, self.size, self.rows = [], 0, 0


def read_chunks(zone: Zone, files: list[DumpFile], kind: DumpKind) -> Generator[Chunk | FileEnd]:
    """Chunks of all files, in no particular order, and the end of each file."""
    waiting = WaitingFiles(files, kind)
    results: queue.Queue[Chunk | FileEnd | Exception | None] = queue.Queue(maxsize=1)
    is_over = threading.Event()

    def put(item: Chunk | FileEnd | Exception | None) -> None:
        while not is_over.is_set():
            try:
                return results.put(item, timeout=0.5)
            except queue.Full:
                continue
        raise _StoppedError

    def read() -> None:
        try:
            _read_files(zone, kind.readers, iter(waiting), put)
            put(None)
        except _StoppedError:
            return
        except Exception as error:  # noqa: BLE001 (raised again where the chunks are taken)
            with suppress(_StoppedError):
                put(error)

    threads = [
        threading.Thread(target=read, name=f"{READER_NAME} {number}", daemon=True)
        for number in range(READERS_AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    try:
        yield from _taken(results, len(threads))
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


class _StoppedError(BaseException):
    """Nobody takes chunks any more. No fault of a file, whatever is in hand."""


def _taken(results: queue.Queue, readers: int) -> Iterator[Chunk | FileEnd]:
    while readers:
        item = results.get()
        if item is None:
            readers -= 1
        elif isinstance(item, Exception):
            raise item
        else:
            yield item


def _read_files(
    zone: Zone,
    readers: Mapping[str, Reader],
    files: Iterator[DumpFile],
    put: Callable[[Chunk | FileEnd], None],
) -> None:
    pending = _Pending()
    ended: list[FileEnd] = []
    for file in files:
        failure: FileChangedError | UnreadableFileError | None = None
        checksum = file.checksum
        digest = None if checksum else hashlib.sha256()
        try:
            is_table = file.route.file_format == "parquet"
            with zone.open(
                file.file, file.route.compression, digest, is_seekable=is_table
            ) as stream:
                rows = readers[file.route.file_format](file, stream, zone.limits)
                if not pending.fits(rows):
                    _give(pending, ended, put)
                for batch in rows.batches:
                    pending.add(rows, batch)
                    if pending.is_enough():
                        _give(pending, ended, put)
            checksum = digest.hexdigest() if digest else checksum
        except FileChangedError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 (whatever a library raises, a file is to blame)
            failure = unreadable(error)
        ended.append(FileEnd(file, checksum, failure))
    _give(pending, ended, put)


def _give(pending: _Pending, ended: list[FileEnd], put: Callable[[Chunk | FileEnd], None]) -> None:
    for chunk in pending.take():
        put(chunk)
    while ended:
        put(ended.pop(0))
