"""Which quarantined rows and files a replay is about, as the work table ``quarantine``."""

from dataclasses import dataclass

import duckdb

from ingestion.landing.layout import route
from ingestion.landing.storage import StoredFile
from ingestion.raw.warehouse import RAW, LoadedData
from ingestion.reading.text import MASK, RAW_TEXT_BYTES
from ingestion.sql import literal

# A text of this length may have been cut, in the middle of a character of up to 4 bytes.
_CUT_BYTES = RAW_TEXT_BYTES - 3

_QUARANTINE = """
    create table quarantine as
    select rows.row_id, rows.company_id, rows.app_id, rows.source, rows.path, rows.line_number,
        coalesce(rows.item_number, 0) as item_number, rows.reasons, rows.raw_text,
        rows.fields, rows.load_id, files.checksum, files.modified_at,
        coalesce(
            strlen(rows.raw_text) < {cut_bytes} and not contains(rows.raw_text, '{mask}'), false
        ) as is_whole, {condition} as is_selected
    from {raw}.rejected_rows as rows
    left join {raw}.loaded_files as files on rows.path = files.path and rows.load_id = files.load_id
    where rows.resolved_at is null"""
_NO_QUARANTINE = """
    create table quarantine (row_id varchar, company_id varchar, app_id varchar, source varchar,
        path varchar, line_number bigint, item_number bigint, reasons varchar,
        raw_text varchar, fields varchar, load_id varchar, checksum varchar,
        modified_at timestamp, is_whole boolean, is_selected boolean)"""
# A path that was loaded later is refused no more.
_REFUSED_FILES = """
    select company_id, path, reason, max(load_id) from {table} as refused
    where {condition} and path not in (
        select loads.path from {schema}.loaded_files as loads
        where loads.path = refused.path and loads.load_id > refused.load_id)
    group by all order by path"""


@dataclass(frozen=True)
class Selection:
    """Filters of a replay; None lets everything pass. ``path`` may hold ``*`` and ``?``."""

    company_id: str | None = None
    path: str | None = None
    reason: str | None = None

    def condition(self, reasons: str) -> str:
        """SQL over company_id, path and a column of comma-joined reasons."""
        parts = []
        if self.company_id is not None:
            parts.append(f"rows.company_id = {literal(self.company_id)}")
        if self.path is not None:
            parts.append(f"rows.path glob {literal(self.path)}")
        if self.reason is not None:
            listed = f"string_split({reasons}, ',')"
            parts.append(f"list_contains({listed}, {literal(self.reason)})")
        return f"({' and '.join(parts) or 'true'})"


@dataclass(frozen=True)
class RefusedOnce:
    """A file that no load has taken; ``load_id`` is that of its last refusal."""

    company_id: str
    path: str
    reason: str
    load_id: str


def read_quarantine(
    connection: duckdb.DuckDBPyConnection, loaded: LoadedData, selection: Selection
) -> list[RefusedOnce]:
    """Fill the table with the unresolved rows, and return the unresolved files that are meant."""
    query = _QUARANTINE if loaded.has("rejected_rows") else _NO_QUARANTINE
    condition = selection.condition("rows.reasons")
    connection.execute(query.format(raw=RAW, condition=condition, cut_bytes=_CUT_BYTES, mask=MASK))
    condition = selection.condition("rows.reason").replace("rows.", "refused.")
    if not loaded.has("rejected_files"):
        return []
    query = _REFUSED_FILES.replace("{condition}", condition.replace("{", "{{").replace("}", "}}"))
    newest: dict[str, RefusedOnce] = {}
    for row in loaded.rows("rejected_files", query):
        refused = RefusedOnce(*row)
        if refused.path not in newest or newest[refused.path].load_id < refused.load_id:
            newest[refused.path] = refused
    return list(newest.values())


def input_files(files: list[StoredFile]) -> dict[str, StoredFile]:
    """The files of the landing zone that are inputs, by path."""
    return {file.path: file for file in files if route(file.path) is not None}
