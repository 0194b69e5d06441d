"""An import file as rows of trimmed cells by canonical column name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import duckdb
import pyarrow as pa

from ingestion.errors import UnreadableFileError
from ingestion.limits import Limits
from ingestion.reading.csv_records import (
    RECORD_SCHEMA,
    CsvRecords,
    cells_sql,
    is_blank_sql,
    open_records,
)

MAX_SHOWN = 200  # characters of a header that is not ours


@dataclass(frozen=True)
class SheetRow:
    """One record. ``cells`` holds every known column of the file, '' where the row is short."""

    line: int
    raw_text: str
    cells: dict[str, str]
    has_too_many_cells: bool = False


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, the line of its headings, and what is odd about these.

    ``unknown_columns`` are ignored; ``columns_twice`` has the headings that mean one column.
    """

    rows: list[SheetRow]
    header_line: int
    unknown_columns: list[str]
    columns_twice: dict[str, list[str]]


def read_sheet(
    stream: BinaryIO,
    names: Mapping[str, str],
    required: tuple[str, ...],
    limits: Limits | None = None,
) -> Sheet:
    """Read a CSV. ``names`` maps accepted headers to canonical column names.

    Raises UnreadableFileError, with reason ``missing_column`` where a required one is not there.
    """
    limits = limits or Limits()
    records = open_records(stream, limits)
    header = records.header
    columns = {i: names[name] for i, name in enumerate(header) if name in names}
    missing = [column for column in required if column not in columns.values()]
    if missing:
        detail = f"no column {', '.join(missing)}; {_described(header)}"
        raise UnreadableFileError(detail, reason="missing_column")
    rows = [
        SheetRow(line, raw_text, _by_name(values, columns), len(values) > len(header))
        for line, raw_text, values in _cells(records, limits)
    ]
    unknown = [name for name in header if name and name not in names]
    return Sheet(rows, records.header_line, unknown, _twice(header, columns))


def _described(header: list[str]) -> str:
    found = ", ".join(name for name in header if name)
    return f"its headings are {found[:MAX_SHOWN]}" if found else "the file is empty"


def _cells(records: CsvRecords, limits: Limits) -> Iterator[tuple[int, str, list[str]]]:
    table = pa.Table.from_batches(_bounded(records.batches, limits), RECORD_SCHEMA)
    with duckdb.connect() as connection:
        connection.register("records", table)
        found = connection.execute(
            f"""select line_number, rtrim(record, chr(13) || chr(10)),
                {cells_sql("record", records.delimiter)}
            from records where not {is_blank_sql("record", records.delimiter)}
            order by line_number limit {limits.import_rows + 1}"""
        ).fetchall()
    limits.check_import(0, len(found))
    yield from found


def _bounded(batches: Iterator[pa.RecordBatch], limits: Limits) -> Iterator[pa.RecordBatch]:
    size = 0
    for batch in batches:
        size += batch.nbytes
        limits.check_import(size, 0)
        yield batch


def _by_name(values: list[str], columns: Mapping[int, str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for index, column in columns.items():
        value = values[index].strip() if index < len(values) else ""
        # Two headings may mean one column; the first that is filled counts.
        cells[column] = cells.get(column) or value
    return cells


def _twice(header: list[str], columns: Mapping[int, str]) -> dict[str, list[str]]:
    headings: dict[str, list[str]] = {}
    for index, column in columns.items():
        headings.setdefault(column, []).append(header[index])
    return {column: names for column, names in headings.items() if len(names) > 1}
