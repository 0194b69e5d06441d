"""A file of a load, and what a reader makes of one: Arrow batches that say where from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import duckdb
import pyarrow as pa

from ingestion.landing.layout import Route
from ingestion.landing.storage import StoredFile
from ingestion.limits import Limits


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


FILE_COLUMNS = ", ".join(field.name for field in FILE_FIELDS)


@dataclass(frozen=True)
class DumpFile:
    """A file of events or calls in a load; ``number`` is its place in the order of loading.

    Without a checksum it is taken when the file is read.
    """

    number: int
    file: StoredFile
    route: Route
    checksum: str | None


class Form(Protocol):
    """How a file spells its rows. Files of equal forms are judged by one query."""

    def prepare(self, database: duckdb.DuckDBPyConnection) -> tuple[str, int]:
        """A relation of rows to be judged, and how many there are.

        The database knows the batches of the files as ``incoming``.
        """

    def judged(self, rows: str, only_good: bool) -> str:
        """Rows of the columns of the work table ``parsed_...``.

        ``only_good`` leaves out rows that broke a rule, and those with an id of the sender's that
        could be one that is derived for another row; it has ``source_path`` instead of file_number.
        """


@dataclass(frozen=True)
class Rows:
    """The rows of a file."""

    form: Form
    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


def placed(batch: pa.RecordBatch, file: DumpFile) -> pa.RecordBatch:
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


def file_number_of(batch: pa.RecordBatch) -> int:
    """The number of the file that a placed batch with rows is from."""
    return batch["file_number"][0].as_py()


def counted(
    batches: Iterator[pa.RecordBatch], file: DumpFile, limits: Limits
) -> Iterator[pa.RecordBatch]:
    """The batches of a file, placed. Raises UnreadableFileError past the limit of rows."""
    rows = 0
    for batch in batches:
        rows += len(batch)
        limits.check_rows(rows)
        yield placed(batch, file)
