"""CSV by RFC 4180 as Arrow batches of whole records, with the line each one starts on.

Records are found here, cells by the engine (``cells_sql``): an engine's own CSV reader gives
neither line numbers nor the text of a record, and the quarantine needs both.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.limits import Limits
from ingestion.reading.lines import BLOCK_BYTES, MAX_LINE_BYTES, line_batches

DELIMITERS = (",", ";", "\t")
RECORD_SCHEMA = pa.schema(
    [pa.field("line_number", pa.int64()), pa.field("record", pa.string())]  # with its line end
)

_SEPARATOR_LINE = re.compile(rb'"?sep=([,;\t])"?\r?', re.IGNORECASE)  # Excel's
_QUOTED = re.compile(rb'"[^"]*+"?')


@dataclass(frozen=True)
class CsvRecords:
    """A CSV: its headings, trimmed and in lower case, the line they are on, and what follows them.

    ``header`` is empty where the file is. ``batches`` have RECORD_SCHEMA.
    """

    delimiter: str
    header: list[str]
    header_line: int
    batches: Iterator[pa.RecordBatch]


def open_records(stream: BinaryIO, limits: Limits | None = None) -> CsvRecords:
    """The records of a stream in order, blank ones included (``is_blank_sql`` finds them).

    A quote that is opened and not closed within MAX_LINE_BYTES (or at all) is taken as text of
    its own line, so that it cannot swallow the good rows below it.
    Raises UnreadableFileError, here or where the batches are taken, where the bytes are not UTF-8
    or a line is longer than the limits.
    """
    lines = line_batches(cast(BinaryIO, _LineFeeds(stream)), max_line_bytes=None, limits=limits)
    first_line = 1
    for batch in lines:
        if text := _bytes(batch).lstrip():
            return _open(chain([batch], lines), first_line, text.split(b"\n", 1)[0])
        first_line += len(batch)
    return CsvRecords(DELIMITERS[0], [], 1, iter(()))


def _open(lines: Iterator[pa.RecordBatch], first_line: int, first_text: bytes) -> CsvRecords:
    named = _SEPARATOR_LINE.fullmatch(first_text)
    delimiter = named[1].decode() if named else _detect_delimiter(first_text)
    blank = re.compile(_blank_pattern(delimiter), re.ASCII)
    batches = _record_batches(lines, first_line, delimiter)
    for batch in batches:
        for index, record in enumerate(batch["record"]):
            text = record.as_py()
            if blank.fullmatch(text):
                continue
            if named:
                named = None
                continue
            names = [cell.strip().lower() for cell in split_cells(text, delimiter)]
            line = batch["line_number"][index].as_py()
            return CsvRecords(delimiter, names, line, chain([batch.slice(index + 1)], batches))
    return CsvRecords(delimiter, [], first_line, iter(()))


def _detect_delimiter(header: bytes) -> str:
    """The most frequent one in the header, quoted text left aside; a comma where there is none."""
    unquoted = _QUOTED.sub(b"", header).decode()
    return max(DELIMITERS, key=unquoted.count)


def split_cells(record: str, delimiter: str) -> list[str]:
    """The unquoted cells of one record; ``cells_sql`` does the same for many."""
    text = record.rstrip("\r\n")
    if '"' not in text:
        return text.split(delimiter)
    cells = re.findall(_cell_pattern(delimiter), text + delimiter)
    return [
        cell[1:-1].replace('""', '"') if re.fullmatch('(?s)".*"', cell) else cell for cell in cells
    ]


def cells_sql(record: str, delimiter: str) -> str:
    """DuckDB SQL: the list of unquoted cells of a record (its line end is not part of it)."""
    text = f"rtrim({record}, chr(13) || chr(10))"
    return f"""case when not contains({record}, '"') then string_split({text}, '{delimiter}')
        else list_transform(
            regexp_extract_all({text} || '{delimiter}', '{_cell_pattern(delimiter)}', 1),
            lambda cell: case when regexp_full_match(cell, '(?s)".*"')
                then replace(cell[2:-2], '""', '"') else cell end) end"""


def is_blank_sql(record: str, delimiter: str) -> str:
    """DuckDB SQL: whether a record has nothing but empty cells, so that it is no row."""
    return f"regexp_full_match({record}, '{_blank_pattern(delimiter)}')"


def _cell_pattern(delimiter: str) -> str:
    return f'("(?:[^"]|"")*"|[^{delimiter}]*){delimiter}'


def _blank_pattern(delimiter: str) -> str:
    return rf'(?:\s|{delimiter}|"\s*")*'


class _LineFeeds:
    """A stream; where its lines end with CR alone, with LF in their place."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._first = bytes(stream.read(BLOCK_BYTES))
        cr = self._first.rstrip(b"\r").count(b"\r")
        has_lone_cr = cr > self._first.count(b"\r\n")
        # Old spreadsheets write CR after every record, LF inside of quoted cells.
        self._ends_with_cr = has_lone_cr and b"\n" not in _QUOTED.sub(b"", self._first)

    def read(self, size: int = -1) -> bytes:
        block, self._first = self._first or self._stream.read(size), b""
        return bytes(block).replace(b"\r", b"\n") if self._ends_with_cr else block


def _record_batches(
    lines: Iterator[pa.RecordBatch], first_line: int, delimiter: str
) -> Iterator[pa.RecordBatch]:
    carry = b""
    for batch in lines:
        data = carry + _bytes(batch)
        records, carry = _records(data, first_line, delimiter, is_last=False)
        first_line += data.count(b"\n", 0, len(data) - len(carry))
        yield records
    if carry:
        yield _records(carry, first_line, delimiter, is_last=True)[0]


def _bytes(batch: pa.RecordBatch) -> bytes:
    return batch["line"].buffers()[2].to_pybytes()


def _records(
    data: bytes, first_line: int, delimiter: str, is_last: bool
) -> tuple[pa.RecordBatch, bytes]:
    """The whole records of ``data`` and the bytes of an unfinished one at its end."""
    ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n")) + 1
    if not len(ends) or ends[-1] != len(data):
        ends = np.append(ends, len(data))
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    is_start, unfinished = _record_starts(data, offsets, delimiter, is_last)
    starts = np.flatnonzero(is_start[:unfinished])
    end = offsets[len(ends) if unfinished is None else unfinished]
    records = _strings(data, np.append(offsets[starts], end).astype(np.int32))
    numbers = pa.array(starts + first_line, pa.int64())
    return pa.RecordBatch.from_arrays([numbers, records], schema=RECORD_SCHEMA), data[end:]


def _record_starts(
    data: bytes, offsets: np.ndarray, delimiter: str, is_last: bool
) -> tuple[np.ndarray, int | None]:
    """Which lines start a record, and the line of a record that goes on after ``data``.

    Only a line with an odd number of quotes can open or close a record of several lines, so
    only those are looked at one by one.
    """
    is_start = np.ones(len(offsets) - 1, dtype=bool)
    quotes = pc.count_substring(_strings(data, offsets), '"').to_numpy()
    odd = np.flatnonzero(quotes % 2)
    open_line, whole_record = _record_patterns(delimiter)
    position = 0
    while position < len(odd):
        first = odd[position]
        position += 1
        if offsets[first + 1] - offsets[first] > MAX_LINE_BYTES:
            continue
        if not open_line.fullmatch(data[offsets[first] : offsets[first + 1]].decode()):
            continue
        is_closed = position < len(odd)
        last = odd[position] if is_closed else len(is_start) - 1
        if offsets[last + 1] - offsets[first] > MAX_LINE_BYTES:
            continue
        if not is_closed:
            if is_last:
                continue
            return is_start, int(first)
        if whole_record.fullmatch(data[offsets[first] : offsets[last + 1]].decode()):
            is_start[first + 1 : last + 1] = False
            position += 1
    return is_start, None


def _record_patterns(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A line whose last cell is quoted and not closed by its end; a well-formed record.

    Two stray quotes far apart look like a record of many lines, but what follows the second one
    is no delimiter, so the lines between them stay records of their own.
    """
    # Possessive: nothing to go back to, so that a long line takes no memory per character.
    text = '"(?:[^"]++|"")*+'
    cell = f'(?:{text}"|[^"{delimiter}][^{delimiter}]*|)'
    cells = f"(?:{cell}{delimiter})*"
    return re.compile(f"{cells}{text}"), re.compile(f"{cells}{cell}\r?\n?")


def _strings(data: bytes, offsets: np.ndarray) -> pa.StringArray:
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))
