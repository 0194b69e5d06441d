"""CSV by RFC 4180 as Arrow batches of whole records, with the line each one starts on.

Records are found here, cells by the engine (``cells_sql``): an engine's own CSV reader gives
neither line numbers nor the text of a record, and the quarantine needs both.
"""

import csv
import re
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.reading.lines import MAX_LINE_BYTES, line_batches

DELIMITERS = (",", ";")
RECORD_SCHEMA = pa.schema(
    [pa.field("line_number", pa.int64()), pa.field("record", pa.string())]  # with its line end
)


def record_batches(stream: BinaryIO) -> Iterator[pa.RecordBatch]:
    """The records of a stream, in order, blank ones included, in batches of RECORD_SCHEMA.

    A quote that is opened and not closed within MAX_LINE_BYTES (or at all) is taken as text of
    its own line, so that it cannot swallow the good rows below it.
    Raises UnreadableFileError where the bytes are not UTF-8.
    """
    carry, first_line, delimiter = b"", 1, ""
    for batch in line_batches(stream, max_line_bytes=None):
        lines = batch["line"]
        delimiter = delimiter or detect_delimiter(_first_text(lines))
        data = carry + lines.buffers()[2].to_pybytes()
        records, carry = _records(data, first_line, delimiter, is_last=False)
        first_line += data.count(b"\n", 0, len(data) - len(carry))
        yield records
    if carry:
        yield _records(carry, first_line, delimiter, is_last=True)[0]


def detect_delimiter(header: str) -> str:
    """The more frequent one of the two in the header; a comma where neither is there."""
    return max(DELIMITERS, key=header.count)


def split_header(record: str) -> list[str]:
    """The trimmed, lower-case column names of a header record."""
    reader = csv.reader([record.rstrip("\r\n")], delimiter=detect_delimiter(record))
    return [cell.strip().lower() for cell in next(reader, [])]


def cells_sql(record: str, delimiter: str) -> str:
    """DuckDB SQL: the list of unquoted cells of a record (its line end is not part of it)."""
    text = f"rtrim({record}, chr(13) || chr(10))"
    cell = f'("(?:[^"]|"")*"|[^{delimiter}]*){delimiter}'
    return f"""case when not contains({record}, '"') then string_split({text}, '{delimiter}')
        else list_transform(
            regexp_extract_all({text} || '{delimiter}', '{cell}', 1),
            lambda cell: case when regexp_full_match(cell, '(?s)".*"')
                then replace(cell[2:-2], '""', '"') else cell end) end"""


def _first_text(lines: pa.StringArray) -> str:
    return next((text for line in lines if (text := line.as_py()).strip()), "")


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
    quoted, plain = '"(?:[^"]|"")*"', f'[^"{delimiter}][^{delimiter}]*'
    cell = f"(?:{quoted}|{plain}|)"
    cells = f"(?:{cell}{delimiter})*"
    return re.compile(f'{cells}"(?:[^"]|"")*'), re.compile(f"{cells}{cell}\r?\n?")


def _strings(data: bytes, offsets: np.ndarray) -> pa.StringArray:
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))
