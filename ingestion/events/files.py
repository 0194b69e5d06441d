"""One event file as batches of its rows, and the fields query that reads them: by format."""

from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa

from ingestion.dumps.kind import DumpKind
from ingestion.dumps.rows import FILE_COLUMNS, FILE_FIELDS, DumpFile, Rows, counted
from ingestion.errors import UnreadableFileError
from ingestion.events import extraction
from ingestion.events.judging import EventForm
from ingestion.events.parquet import read_parquet
from ingestion.events.rules import REQUIRED
from ingestion.limits import Limits
from ingestion.reading.csv_records import (
    RECORD_SCHEMA,
    cells_sql,
    is_blank_sql,
    open_records,
)
from ingestion.reading.lines import LINE_SCHEMA, MAX_LINE_BYTES, line_batches

JSON_SCHEMA = pa.schema([*FILE_FIELDS, *LINE_SCHEMA])


@dataclass(frozen=True)
class JsonForm(EventForm):
    """JSON lines are all alike."""

    def query(self, rows: str) -> str:
        """The fields query over lines."""
        return extraction.from_json_lines(rows)


@dataclass(frozen=True)
class CsvForm(EventForm):
    """CSV: the number of each known column from 1, how many columns there are, the delimiter."""

    columns: tuple[tuple[str, int], ...]
    width: int
    delimiter: str

    def query(self, rows: str) -> str:
        """The fields query over records."""
        source = f"""(
            select {FILE_COLUMNS}, line_number,
                rtrim(record, chr(13) || chr(10)) as raw_text,
                {cells_sql("record", self.delimiter)} as cells
            from {rows} where not {is_blank_sql("record", self.delimiter)})"""
        return extraction.from_csv_records(source, dict(self.columns), self.width)


def read_json(file: DumpFile, stream: BinaryIO, limits: Limits) -> Rows:
    """A dump of JSON lines."""
    lines = line_batches(stream, MAX_LINE_BYTES)
    return Rows(JsonForm(), JSON_SCHEMA, counted(lines, file, limits))


def read_csv(file: DumpFile, stream: BinaryIO, limits: Limits) -> Rows:
    """A CSV dump. Raises UnreadableFileError where a required column is missing."""
    records = open_records(stream, limits)
    names = records.header
    columns = {key: names.index(key.lower()) + 1 for key in extraction.KEYS if key.lower() in names}
    missing = [name for name in REQUIRED if name not in columns]
    if names and missing:
        raise UnreadableFileError(f"no column {', '.join(missing)}", reason="missing_column")
    form = CsvForm(tuple(columns.items()), len(names), records.delimiter)
    schema = pa.schema([*FILE_FIELDS, *RECORD_SCHEMA])
    return Rows(form, schema, counted(records.batches, file, limits))


EVENTS = DumpKind(
    many="events",
    one="event",
    place=("line_number",),
    readers={"json": read_json, "csv": read_csv, "parquet": read_parquet},
)
