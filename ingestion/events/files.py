"""One event file as Arrow batches of its rows, and the fields query that reads them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, Protocol

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.errors import UnreadableFileError
from ingestion.events import extraction
from ingestion.events.rules import REQUIRED
from ingestion.landing.layout import Route
from ingestion.landing.storage import StoredFile
from ingestion.reading.csv_records import (
    RECORD_SCHEMA,
    cells_sql,
    is_blank_sql,
    open_records,
)
from ingestion.reading.lines import LINE_SCHEMA, MAX_LINE_BYTES, line_batches


def _of_file(name: str, kind: pa.DataType) -> pa.Field:
    """A column with one value for all rows of a file: as one run, it takes no memory."""
    return pa.field(name, pa.run_end_encoded(pa.int32(), kind))


FILE_FIELDS = [
    _of_file("file_number", pa.int32()),
    _of_file("source_path", pa.string()),
    _of_file("company_id", pa.string()),
    _of_file("app_id", pa.string()),
    _of_file("modified_at", pa.timestamp("us")),
]
JSON_SCHEMA = pa.schema([*FILE_FIELDS, *LINE_SCHEMA])
_LINE_NUMBER = pa.field("line_number", pa.int64())
_PARQUET_ROWS = 65_536


@dataclass(frozen=True)
class EventFile:
    """An event file of a load; ``number`` is its place in the order of loading.

    Without a checksum it is taken when the file is read.
    """

    number: int
    file: StoredFile
    route: Route
    checksum: str | None


class Form(Protocol):
    """How a file spells its rows. Files of equal forms are read by one query."""

    def query(self, rows: str) -> str:
        """The fields query over a relation of the file's batches."""


@dataclass(frozen=True)
class JsonForm:
    """JSON lines are all alike."""

    def query(self, rows: str) -> str:
        """The fields query over lines."""
        return extraction.from_json_lines(rows)


@dataclass(frozen=True)
class CsvForm:
    """CSV: the number of each known column from 1, how many columns there are, the delimiter."""

    columns: tuple[tuple[str, int], ...]
    width: int
    delimiter: str

    def query(self, rows: str) -> str:
        """The fields query over records."""
        source = f"""(
            select {extraction.FILE_COLUMNS}, line_number,
                rtrim(record, chr(13) || chr(10)) as raw_text,
                {cells_sql("record", self.delimiter)} as cells
            from {rows} where not {is_blank_sql("record", self.delimiter)})"""
        return extraction.from_csv_records(source, dict(self.columns), self.width)


@dataclass(frozen=True)
class TableForm:
    """Parquet: DuckDB's types of the known columns."""

    types: tuple[tuple[str, str], ...]

    def query(self, rows: str) -> str:
        """The fields query over rows."""
        return extraction.from_table(rows, dict(self.types))


@dataclass(frozen=True)
class Rows:
    """The rows of a file."""

    form: Form
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


def placed(batch: pa.RecordBatch, file: EventFile) -> pa.RecordBatch:
    """The batch with leading columns that say from which file it is (FILE_FIELDS).

    They are here and not joined later: a join of wide rows took a quarter of the time of a load.
    """
    ends = pa.array([len(batch)] if len(batch) else [], pa.int32())
    values = (
        file.number,
        file.file.path,
        file.route.company_id,
        file.route.app_id,
        file.file.modified_at,
    )
    columns = [
        pa.RunEndEncodedArray.from_arrays(
            ends, pa.array([value] * len(ends), field.type.value_type), field.type
        )
        for field, value in zip(FILE_FIELDS, values, strict=True)
    ]
    schema = pa.schema([*FILE_FIELDS, *batch.schema])
    return pa.RecordBatch.from_arrays([*columns, *batch.columns], schema=schema)


def read_json(file: EventFile, stream: BinaryIO) -> Rows:
    """A dump of JSON lines."""
    lines = (placed(batch, file) for batch in line_batches(stream, MAX_LINE_BYTES))
    return Rows(JsonForm(), JSON_SCHEMA, lines)


def read_csv(file: EventFile, stream: BinaryIO) -> Rows:
    """A CSV dump. Raises UnreadableFileError where a required column is missing."""
    records = open_records(stream)
    names = records.header
    columns = {
        name: names.index(name.lower()) + 1 for name in extraction.KEYS if name.lower() in names
    }
    missing = [name for name in REQUIRED if name not in columns]
    if names and missing:
        raise UnreadableFileError(f"no column {', '.join(missing)}", reason="missing_column")
    form = CsvForm(tuple(columns.items()), len(names), records.delimiter)
    schema = pa.schema([*FILE_FIELDS, *RECORD_SCHEMA])
    return Rows(form, schema, (placed(batch, file) for batch in records.batches))


def read_parquet(file: EventFile, stream: BinaryIO) -> Rows:
    """A Parquet dump. Raises UnreadableFileError where it is none."""
    try:
        parquet = pq.ParquetFile(
            pa.BufferReader(stream.read()) if file.route.compression else stream
        )
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFileError(f"not Parquet: {error}") from error
    known = _known_columns(parquet.schema_arrow)
    rows = (placed(batch, file) for batch in _table_batches(parquet, known))
    schema = pa.schema([*FILE_FIELDS, _LINE_NUMBER, *known])
    return Rows(TableForm(_duckdb_types(known)), schema, rows)


def _known_columns(sent: pa.Schema) -> pa.Schema:
    """Known columns with their types; bytes without a type of their own are read as text."""
    columns = []
    for name in (name for name in extraction.KEYS if name in sent.names):
        kind = sent.field(name).type
        is_binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
        columns.append(pa.field(name, pa.string() if is_binary else kind))
    return pa.schema(columns)


@lru_cache  # asking takes longer than reading a small file, and files of one sender are alike
def _duckdb_types(columns: pa.Schema) -> tuple[tuple[str, str], ...]:
    with duckdb.connect() as connection:  # DuckDB's shared one is not for several threads
        types = connection.from_arrow(columns.empty_table()).types if len(columns) else []
    return tuple(
        (name, "VARCHAR" if str(kind).startswith("ENUM") else str(kind))
        for name, kind in zip(columns.names, types, strict=True)
    )


def _table_batches(parquet: pq.ParquetFile, known: pa.Schema) -> Iterator[pa.RecordBatch]:
    schema, next_row = pa.schema([_LINE_NUMBER, *known]), 1
    for batch in parquet.iter_batches(batch_size=_PARQUET_ROWS, columns=known.names):
        numbers = pa.array(np.arange(next_row, next_row + len(batch)), pa.int64())
        next_row += len(batch)
        columns = [batch[field.name].cast(field.type) for field in known]
        yield pa.RecordBatch.from_arrays([numbers, *columns], schema=schema)


READERS = {"json": read_json, "csv": read_csv, "parquet": read_parquet}
