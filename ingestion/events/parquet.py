"""A Parquet dump as batches of the columns that are fields of an event, whatever their types are.

A column of a type that no value of its field can have is no reason to refuse the file: its rows
are refused one by one, as the same rows in JSON are.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.dumps.rows import FILE_FIELDS, DumpFile, Rows, placed
from ingestion.errors import UnreadableFileError, unreadable
from ingestion.events import extraction
from ingestion.events.extraction import ColumnKind
from ingestion.events.judging import EventForm
from ingestion.events.parquet_pages import LARGEST_PAGE_BYTES, check_pages
from ingestion.limits import Limits

_LINE_NUMBER = pa.field("line_number", pa.int64())
_ROWS_AT_ONCE, _NESTED_ROWS_AT_ONCE = 65_536, 4_096
_BYTES_AT_ONCE = 64 << 20  # a text that is repeated takes next to nothing in the file
_READ_BYTES = 8 << 20
# Times of the years 1 to 9999, in seconds; others are written as the last one.
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@dataclass(frozen=True)
class TableForm(EventForm):
    """Parquet: what each known column holds."""

    kinds: tuple[tuple[str, ColumnKind], ...]

    def query(self, rows: str) -> str:
        """The fields query over rows."""
        return extraction.from_table(rows, dict(self.kinds))


@dataclass(frozen=True)
class _Column:
    """A known column: what it holds, and the type in which the engine gets it."""

    key: str
    kind: ColumnKind
    target: pa.DataType


def read_parquet(file: DumpFile, stream: BinaryIO, limits: Limits) -> Rows:
    """A Parquet dump. Raises UnreadableFileError where it is none, or more than the limits."""
    try:
        sent = pq.ParquetFile(stream)
        texts = [field.name for field in sent.schema_arrow if _is_text(field.type)]
        # Repeated texts stay one text until their size is known.
        parquet = pq.ParquetFile(
            stream, metadata=sent.metadata, read_dictionary=texts, buffer_size=_READ_BYTES
        )
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFileError(f"not Parquet: {error}") from error
    _check(parquet.metadata, file, limits)
    columns = _known_columns(sent.schema_arrow)
    check_pages(stream, parquet.metadata, {column.key for column in columns})
    schema = pa.schema([_LINE_NUMBER, *(pa.field(item.key, item.target) for item in columns)])

    def check_texts(size: int) -> None:
        limits.check_unpacked(size, file.file.size)

    rows = (placed(batch, file) for batch in _batches(parquet, columns, schema, check_texts))
    form = TableForm(tuple((column.key, column.kind) for column in columns))
    return Rows(form, pa.schema([*FILE_FIELDS, *schema]), rows)


def _check(metadata: pq.FileMetaData, file: DumpFile, limits: Limits) -> None:
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    limits.check_rows(metadata.num_rows)
    for group in groups:
        limits.check_rows(
            max((group.column(i).num_values for i in range(group.num_columns)), default=0)
        )
    limits.check_unpacked(sum(group.total_byte_size for group in groups), file.file.size)


def _known_columns(sent: pa.Schema) -> list[_Column]:
    """The columns to read; of several with one name, the first."""
    keys = [key for key in extraction.KEYS if key in sent.names]
    return [_column(key, sent.field(sent.names.index(key)).type) for key in keys]


def _column(key: str, sent: pa.DataType) -> _Column:
    kind = sent.storage_type if isinstance(sent, pa.BaseExtensionType) else sent
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    is_uuid = isinstance(sent, pa.UuidType)
    if _is_text(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return _Column(key, "text", pa.string())
    if pa.types.is_float16(kind):
        return _Column(key, "number", pa.float32())
    if pa.types.is_decimal256(kind):
        return _Column(key, "number", pa.string())  # more digits than the engine's numbers have
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _Column(key, "number", kind)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _Column(key, "time", pa.timestamp("us"))
    if pa.types.is_struct(kind) or pa.types.is_map(kind):
        return _Column(key, "object", kind)
    is_shown = is_uuid or pa.types.is_boolean(kind) or pa.types.is_fixed_size_binary(kind)
    return _Column(key, "other", kind if is_shown else pa.bool_())


def _is_text(kind: pa.DataType) -> bool:
    """Whether it is text, or bytes without a type of their own, which are read as text."""
    tests = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_binary,
        pa.types.is_large_binary,
    )
    return any(test(kind) for test in tests)


def _batches(
    parquet: pq.ParquetFile,
    columns: list[_Column],
    schema: pa.Schema,
    check_texts: Callable[[int], None],
) -> Iterator[pa.RecordBatch]:
    """Batches of the schema; ``check_texts`` is called with the bytes of all texts so far."""
    is_nested = any(column.kind in ("object", "other") for column in columns)
    size, next_row = _NESTED_ROWS_AT_ONCE if is_nested else _ROWS_AT_ONCE, 1
    text_bytes = 0
    keys = [column.key for column in columns]
    for group in range(parquet.metadata.num_row_groups):
        rows_at_once = _rows_at_once(parquet.metadata.row_group(group), size)
        try:
            for batch in parquet.iter_batches(rows_at_once, row_groups=[group], columns=keys):
                for column in batch.columns:
                    column.validate(full=True)
                text_bytes += _text_bytes(batch)
                check_texts(text_bytes)
                for part in _parts(batch):
                    numbers = pa.array(np.arange(next_row, next_row + len(part)), pa.int64())
                    arrays = [
                        _converted(part.column(part.schema.names.index(column.key)), column)
                        for column in columns
                    ]
                    yield pa.RecordBatch.from_arrays([numbers, *arrays], schema=schema)
                    next_row += len(part)
        except Exception as error:
            place = f"row group {group + 1}, from row {next_row} on"
            if _asks_for_absurd_memory(error):
                raise UnreadableFileError(f"{place}: a page that claims to be huge") from error
            raise unreadable(error, place) from error


def _rows_at_once(group: pq.RowGroupMetaData, most: int) -> int:
    """As many as take little memory together where all rows are as long."""
    return min(most, max(1, _BYTES_AT_ONCE * group.num_rows // max(group.total_byte_size, 1)))


def _asks_for_absurd_memory(error: Exception) -> bool:
    """Whether a damaged size in the file is the reason why memory is said to be out."""
    found = re.search(r"size (\d+)", str(error)) if isinstance(error, pa.ArrowMemoryError) else None
    return found is not None and int(found[1]) > LARGEST_PAGE_BYTES


def _parts(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch, or parts of it whose texts are not too large together."""
    if len(batch) < 2 or _text_bytes(batch) <= _BYTES_AT_ONCE:
        yield batch
        return
    half = len(batch) // 2
    yield from _parts(batch.slice(0, half))
    yield from _parts(batch.slice(half))


def _text_bytes(batch: pa.RecordBatch) -> int:
    """Bytes of the repeated texts of a batch, each as often as it comes."""
    return sum(
        pc.sum(pc.binary_length(column.dictionary).cast(pa.int64()).take(column.indices)).as_py()
        or 0
        for column in batch.columns
        if pa.types.is_dictionary(column.type) and _is_text(column.type.value_type)
    )


def _converted(column: pa.Array, to: _Column) -> pa.Array:
    if isinstance(column, pa.ExtensionArray):
        column = column.cast(to.target) if column.type == to.target else column.storage
    if to.kind == "time":
        return _microseconds(column)
    if to.kind == "other" and to.target == pa.bool_():
        is_there = column.is_valid()
        return pc.if_else(is_there, is_there, pa.scalar(None, pa.bool_()))
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column.cast(to.target)


def _microseconds(times: pa.Array) -> pa.Array:
    """Times or dates as the engine holds them, UTC; one that it cannot hold is its last."""
    if pa.types.is_dictionary(times.type):
        times = times.dictionary_decode()
    if pa.types.is_date(times.type):
        times = times.cast(pa.timestamp("ms"))
    per_second = _PER_SECOND[times.type.unit]
    values = times.cast(pa.int64())
    first, last = (
        max(min(second * per_second, (1 << 63) - 1), -(1 << 63))
        for second in (_FIRST_SECOND, _LAST_SECOND)
    )
    is_held = pc.and_(pc.greater_equal(values, first), pc.less_equal(values, last))
    values = pc.if_else(is_held, values, pa.scalar(last, pa.int64()))
    if per_second > 10**6:
        values = pc.divide(values, per_second // 10**6)
    else:
        values = pc.multiply_checked(values, 10**6 // per_second)
    return values.cast(pa.timestamp("us"))
