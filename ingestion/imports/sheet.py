"""An import file as rows of trimmed cells by canonical column name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import duckdb
import pyarrow as pa

from ingestion.errors import UnreadableFileError
from ingestion.reading.csv_records import (
    RECORD_SCHEMA,
    cells_sql,
    detect_delimiter,
    record_batches,
    split_header,
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
    """The rows of a file, and its unknown columns (ignored)."""

    rows: list[SheetRow]
    unknown_columns: list[str]


def read_sheet(stream: BinaryIO, names: Mapping[str, str], required: tuple[str, ...]) -> Sheet:
    """Read a CSV. ``names`` maps accepted headers to canonical column names.

    Raises UnreadableFileError, with reason ``missing_column`` where a required one is not there.
    """
    records = pa.Table.from_batches(record_batches(stream), RECORD_SCHEMA)
    cells = _cells(records)
    header_line = next(cells, None)
    header = split_header(header_line[1]) if header_line else []
    columns = {i: names[name] for i, name in enumerate(header) if name in names}
    missing = [column for column in required if column not in columns.values()]
    if missing:
        detail = f"no column {', '.join(missing)}; {_described(header)}"
        raise UnreadableFileError(detail, reason="missing_column")
    rows = [
        SheetRow(line, raw_text, _by_name(values, columns), len(values) > len(header))
        for line, raw_text, values in cells
    ]
    return Sheet(rows, [name for name in header if name and name not in names])


def _described(header: list[str]) -> str:
    found = ", ".join(name for name in header if name)
    return f"its first line has {found[:MAX_SHOWN]}" if found else "the file is empty"


def _cells(records: pa.Table) -> Iterator[tuple[int, str, list[str]]]:
    texts = (text.as_py() for text in records["record"])
    header = next((text for text in texts if text.strip()), "")
    with duckdb.connect() as connection:
        connection.register("records", records)
        found = connection.execute(
            f"""select line_number, rtrim(record, chr(13) || chr(10)),
                {cells_sql("record", detect_delimiter(header))}
            from records where not regexp_full_match(record, '\\s*') order by line_number"""
        )
        yield from found.fetchall()


def _by_name(values: list[str], columns: Mapping[int, str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for index, column in columns.items():
        value = values[index].strip() if index < len(values) else ""
        # Two headers may mean one column; the first that is filled counts.
        cells[column] = cells.get(column) or value
    return cells
