"""Parquet files that are continued: blocks of days, each with its rows and a footer of its own.

What stands in such a file stays where it is. Days that changed are written again behind it as
blocks of their own, and the last footer, which is the one that readers take, lists the blocks that
count. That is what the format allows for: a footer says where in the file its row groups begin.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.serving.fingerprints import Day
from orchestration.serving.manifest import Block

# A day that is added costs at most this many rows of the days before it.
BLOCK_ROWS = 250_000
# What DuckDB puts into a row group, too.
ROW_GROUP_ROWS = 122_880


@dataclass(frozen=True)
class Span:
    """Days that are to be written as one block."""

    first: int
    last: int
    rows: int


def kept_blocks(days: Sequence[Day], blocks: Iterable[Block]) -> list[Block]:
    """The blocks whose days did not change, in the order in which they stand in the file.

    The block of the latest days is given up while it is small, to grow by the days after it.
    """
    changed = [day.day for day in days if day.is_changed]
    kept = [
        block for block in blocks if not any(block.first <= day <= block.last for day in changed)
    ]
    if kept and changed:
        latest = max(kept, key=lambda block: block.last)
        if latest.rows < BLOCK_ROWS and latest.last < max(changed):
            kept.remove(latest)
    return kept


def missing_spans(days: Sequence[Day], kept: Sequence[Block]) -> list[Span]:
    """What is to be written beside the blocks that are kept; one without rows if that is all."""
    spans: list[Span] = []
    is_open = False
    for day in days:
        if any(block.first <= day.day <= block.last for block in kept):
            is_open = False
        elif day.rows and is_open and spans[-1].rows < BLOCK_ROWS:
            spans[-1] = replace(spans[-1], last=day.day, rows=spans[-1].rows + day.rows)
        elif day.rows:
            spans.append(Span(day.day, day.day, day.rows))
            is_open = True
    return spans if spans or kept else [Span(0, 0, 0)]


def append_block(
    path: Path, span: Span, rows: pa.RecordBatchReader, words: Mapping[str, str]
) -> Block:
    """Write a block behind what stands in the file (which need not be there yet)."""
    with (
        path.open("ab") as file,
        pa.PythonFile(_Continued(file), mode="w") as sink,
        pq.ParquetWriter(
            sink, rows.schema, compression="zstd", compression_level=1, store_schema=False
        ) as writer,
    ):
        _skip(sink, path)
        for batch in rows:
            writer.write_batch(batch)
        writer.add_key_value_metadata(dict(words))
    return Block(span.first, span.last, span.rows, path.stat().st_size)


def append_footer(path: Path, blocks: Sequence[Block]) -> None:
    """Make a Parquet file of the blocks."""
    with pa.memory_map(str(path)) as file:
        content = file.read_buffer()
        footer, *others = [pq.read_metadata(content.slice(0, block.end)) for block in blocks]
    for other in others:
        footer.append_row_groups(other)
    with path.open("ab") as file:
        footer.write_metadata_file(file)


class _Continued:
    """Takes what pyarrow writes to a file, but what stands there already.

    pyarrow writes Parquet from the beginning of a file only. So it is made to write what is there
    (``_skip``), which goes nowhere, and notes the right places of what follows.
    """

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._present = file.tell()

    def write(self, data: bytes) -> None:
        present = min(len(data), self._present)
        self._present -= present
        if present < len(data):
            self._file.write(memoryview(data)[present:])

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self.flush()


def _skip(sink: pa.NativeFile, path: Path) -> None:
    # After the first bytes of the format, which the writer has written. Nothing is read or copied.
    if path.stat().st_size > sink.tell():
        with pa.memory_map(str(path)) as file:
            sink.write(file.read_buffer().slice(sink.tell()))
