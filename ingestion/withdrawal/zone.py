"""Files of earlier loads: as they still lie in the landing zone, or as ``raw`` remembers them."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import duckdb

from ingestion.landing.storage import LandingZone, StoredFile
from ingestion.raw.tables import RAW_TABLES_BY_NAME
from ingestion.sql import literal
from ingestion.withdrawal.plan import VERSION_TABLES
from ingestion.withdrawal.target import RAW_BEFORE

_NOT_SENT = ("company_id", "subscription_id", "version_number", "valid_from", "source_path")
_VERSIONS = """
    select line_number, {columns} from {table}
    where company_id = {company_id} and source_path = {path} and _dlt_load_id = {load_id}"""
_REJECTED = f"""
    select line_number, fields from {RAW_BEFORE}.rejected_rows
    where company_id = {{company_id}} and source = {{kind}} and path = {{path}}
        and load_id = {{load_id}}"""


class FormerFiles:
    """Opens files as a landing zone does. Sizes and times are from the load that read them."""

    def __init__(self, zone: LandingZone) -> None:
        self._zone = zone
        self.limits = zone.limits
        self._listed = {file.path: file for file in zone.list_files()}
        self._actual: dict[StoredFile, StoredFile] = {}
        self._remembered: dict[StoredFile, bytes] = {}

    def find(self, recorded: StoredFile, checksum: str) -> bool:
        """Whether the landing zone still has the file with this content; it can be opened then."""
        actual = self._listed.get(recorded.path)
        if actual is None or actual.size != recorded.size:
            return False
        if self._zone.checksum(actual) != checksum:
            return False
        self._actual[recorded] = actual
        return True

    def remember(self, recorded: StoredFile, content: bytes) -> None:
        """Let a file that is gone be opened with this content."""
        self._remembered[recorded] = content

    def checksum(self, file: StoredFile) -> str:
        """SHA-256 of the stored bytes of a file that was found, in hex."""
        return self._zone.checksum(self._actual[file])

    @contextmanager
    def open(
        self,
        file: StoredFile,
        compression: str | None,
        digest: Any = None,
        *,
        is_seekable: bool = False,
    ) -> Iterator[BinaryIO]:
        """The file's bytes, decompressed; raises what ``LandingZone.open`` raises."""
        if file in self._remembered:
            yield io.BytesIO(self._remembered[file])
            return
        actual = self._actual[file]
        with self._zone.open(actual, compression, digest, is_seekable=is_seekable) as stream:
            yield stream


def remembered_sheet(
    connection: duckdb.DuckDBPyConnection, company_id: str, kind: str, path: str, load_id: str
) -> bytes:
    """An import file as CSV, from the versions that it wrote and the rows that were refused.

    Rows that changed nothing are not known. Lines are numbered as in the file.
    """
    table = VERSION_TABLES[kind]
    columns = [
        name
        for name in RAW_TABLES_BY_NAME[table].columns
        if name not in (*_NOT_SENT, "line_number", "_dlt_load_id")
    ]
    values = {
        "company_id": literal(company_id),
        "kind": literal(kind),
        "path": literal(path),
        "load_id": literal(load_id),
    }
    query = _VERSIONS.format(columns=", ".join(columns), table=f"{RAW_BEFORE}.{table}", **values)
    rows = {line: cells for line, *cells in connection.execute(query).fetchall()}
    for line, fields in connection.execute(_REJECTED.format(**values)).fetchall():
        cells = json.loads(fields)
        rows[line] = [cells.get(name) for name in columns]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    next_line = 2
    for line, cells in sorted(rows.items()):
        text.write("\n" * (line - next_line))
        writer.writerow("" if cell is None else str(cell) for cell in cells)
        next_line = line + 1
    return text.getvalue().encode()
