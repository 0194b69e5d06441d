"""Files of calls: JSON lines, by the application's settings and the vendor of the folder."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import duckdb
import pyarrow as pa

from ingestion.calls.batches import items_of
from ingestion.calls.functions import create_functions
from ingestion.calls.groups import PREPARE_GROUPS
from ingestion.calls.judging import fields_sql, judged_sql
from ingestion.calls.personal import protect
from ingestion.calls.settings import CallSettings, call_settings
from ingestion.calls.traits import prepare_traits
from ingestion.calls.vendors import VENDOR_BY_FOLDER
from ingestion.dumps.kind import DumpKind
from ingestion.dumps.rows import FILE_FIELDS, DumpFile, Rows, counted
from ingestion.errors import UnreadableFileError
from ingestion.limits import Limits
from ingestion.reading.lines import LINE_SCHEMA, MAX_LINE_BYTES, line_batches
from ingestion.reference import Registry
from ingestion.sql import only_row

NOT_JSON_LINES = "not_json_lines"
_SCHEMA = pa.schema([*FILE_FIELDS, *LINE_SCHEMA])


@dataclass(frozen=True)
class CallForm:
    """How a file's calls are read: the vendor that its folder names, if any, and the settings."""

    folder: str | None
    settings: CallSettings

    def prepare(self, database: duckdb.DuckDBPyConnection) -> tuple[str, int]:
        """The fields of the calls; their traits and groups are prepared, too."""
        database.execute(create_functions(self.settings))
        database.execute(fields_sql(items_of(database), self.folder))
        properties = "own_properties_sent"
        protect(database, "fields", properties, f"protected_properties({properties})", "true")
        prepare_traits(database, self.settings)
        database.execute(PREPARE_GROUPS)
        return "fields", only_row(database.execute("select count(*) from fields"))[0]

    def judged(self, rows: str, only_good: bool) -> str:
        """Rows of the columns of ``parsed_calls``."""
        return judged_sql(rows, self.settings, only_good)


def vendor_of(path: str) -> str | None:
    """The vendor that the first folder below ``calls`` names."""
    parts = path.split("/")
    folder = parts[4] if len(parts) > 5 else None
    return folder if folder in VENDOR_BY_FOLDER else None


def calls_of(registry: Registry) -> DumpKind:
    """Calls as a kind of dump, by the settings of the registered applications."""
    settings = call_settings(registry)

    def read(file: DumpFile, stream: BinaryIO, limits: Limits) -> Rows:
        application = settings[file.route.company_id, file.route.app_id or ""]
        form = CallForm(vendor_of(file.file.path), application)
        batches = line_batches(stream, MAX_LINE_BYTES)
        return Rows(form, _SCHEMA, counted(batches, file, limits))

    def read_json(file: DumpFile, stream: BinaryIO, limits: Limits) -> Rows:
        rows = read(file, stream, limits)
        return Rows(rows.form, rows.schema, _checked(rows.batches))

    return DumpKind(
        many="calls",
        one="call",
        place=("line_number", "item_number"),
        readers={"json": read, "json_document": read_json},
        order=lambda path: vendor_of(path) or "",
        stored={"item_number": "nullif(item_number, 0)"},
        working={"item_number": "coalesce(item_number, 0)"},
    )


def _checked(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The batches of a ``.json`` file. Raises UnreadableFileError where it is pretty-printed."""
    is_first = True
    for batch in batches:
        for number in range(len(batch)) if is_first else ():
            line = batch["line"][number].as_py().strip()
            if line:
                if not batch["is_too_long"][number].as_py():
                    _check_whole(line)
                is_first = False
                break
        yield batch


def _check_whole(line: str) -> None:
    try:
        json.loads(line)
    except ValueError as error:
        raise UnreadableFileError(
            "its first line with text is no whole JSON value, as in a pretty-printed file: write"
            " one value per line (`jq -c .`), or name it .jsonl to see what is wrong row by row",
            NOT_JSON_LINES,
        ) from error
