"""One event file as a stream of Arrow batches and the fields query that reads them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.errors import FileChangedError, UnreadableFileError
from ingestion.events import fields
from ingestion.events.rules import REQUIRED
from ingestion.landing.layout import Route
from ingestion.landing.storage import StoredFile
from ingestion.reading.csv_records import (
    RECORD_SCHEMA,
    cells_sql,
    detect_delimiter,
    record_batches,
    split_header,
)
from ingestion.reading.lines import LINE_SCHEMA

FILE_NUMBER = pa.field("file_number", pa.int32())
JSON_SCHEMA = pa.schema([FILE_NUMBER, *LINE_SCHEMA])
_PARQUET_ROWS = 65_536


@dataclass(frozen=True)
class EventFile:
    """An event file of a load; ``number`` is its place in the order of loading."""

    number: int
    file: StoredFile
    route: Route
    checksum: str


class BatchStream:
    """Batches for an engine that wraps a Python error in its own: the stream ends, and keeps it."""

    def __init__(self, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
        self.schema = schema
        self._batches = batches
        self._error: Exception | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._batches
        except (UnreadableFileError, FileChangedError, pa.ArrowException, OSError) as error:
            self._error = error

    def raise_error(self) -> None:
        """Raise what ended the stream early, if anything did."""
        if self._error is not None:
            raise self._error


def numbered(batch: pa.RecordBatch, file_number: int) -> pa.RecordBatch:
    """The batch with a leading column ``file_number``."""
    numbers = pa.repeat(pa.scalar(file_number, pa.int32()), len(batch))
    schema = pa.schema([FILE_NUMBER, *batch.schema])
    return pa.RecordBatch.from_arrays([numbers, *batch.columns], schema=schema)


def read_csv(file: EventFile, stream: BinaryIO) -> tuple[BatchStream, Callable[[str], str]]:
    """A CSV dump. Raises UnreadableFileError where a required column is missing."""
    batches = record_batches(stream)
    header_record, first = _take_header(batches)
    names = split_header(header_record)
    columns = {name: names.index(name.lower()) + 1 for name in fields.KEYS if name.lower() in names}
    missing = [name for name in REQUIRED if name not in columns]
    if header_record and missing:
        raise UnreadableFileError(f"no column {', '.join(missing)}", reason="missing_column")
    cells = cells_sql("record", detect_delimiter(header_record))

    def query(records: str) -> str:
        source = f"""(
            select file_number, line_number, rtrim(record, chr(13) || chr(10)) as raw_text,
                {cells} as cells
            from {records} where not regexp_full_match(record, '\\s*'))"""
        return fields.from_csv_records(source, columns, len(names))

    schema = pa.schema([FILE_NUMBER, *RECORD_SCHEMA])
    rows = (numbered(batch, file.number) for batch in _chain(first, batches))
    return BatchStream(schema, rows), query


def _take_header(batches: Iterator[pa.RecordBatch]) -> tuple[str, pa.RecordBatch]:
    """The first record that is not blank, and the rest of its batch."""
    for batch in batches:
        for index, record in enumerate(batch["record"]):
            if record.as_py().strip():
                return record.as_py(), batch.slice(index + 1)
    return "", pa.RecordBatch.from_pylist([], RECORD_SCHEMA)


def _chain(first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def read_parquet(file: EventFile, stream: BinaryIO) -> tuple[BatchStream, Callable[[str], str]]:
    """A Parquet dump. Raises UnreadableFileError where it is none."""
    try:
        parquet = pq.ParquetFile(
            pa.BufferReader(stream.read()) if file.route.compression else stream
        )
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFileError(f"not Parquet: {error}") from error
    known = [name for name in fields.KEYS if name in parquet.schema_arrow.names]
    schema = _table_schema(parquet.schema_arrow, known)
    types = _duckdb_types(schema, known)
    batches = _table_batches(parquet, known, schema, file.number)
    return BatchStream(schema, batches), lambda rows: fields.from_table(rows, types)


def _table_schema(sent: pa.Schema, known: list[str]) -> pa.Schema:
    """Known columns with their types; bytes without a type of their own are read as text."""
    columns = [FILE_NUMBER, pa.field("line_number", pa.int64())]
    for name in known:
        kind = sent.field(name).type
        is_binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
        columns.append(pa.field(name, pa.string() if is_binary else kind))
    return pa.schema(columns)


def _duckdb_types(schema: pa.Schema, known: list[str]) -> dict[str, str]:
    empty = duckdb.arrow(schema.empty_table())
    return {
        name: "VARCHAR" if str(kind).startswith("ENUM") else str(kind)
        for name, kind in zip(empty.columns, empty.types, strict=True)
        if name in known
    }


def _table_batches(
    parquet: pq.ParquetFile, known: list[str], schema: pa.Schema, file_number: int
) -> Iterator[pa.RecordBatch]:
    next_row = 1
    for batch in parquet.iter_batches(batch_size=_PARQUET_ROWS, columns=known):
        numbers = pa.array(np.arange(next_row, next_row + len(batch)), pa.int64())
        next_row += len(batch)
        files = pa.repeat(pa.scalar(file_number, pa.int32()), len(batch))
        columns = [batch[name].cast(schema.field(name).type) for name in known]
        yield pa.RecordBatch.from_arrays([files, numbers, *columns], schema=schema)
