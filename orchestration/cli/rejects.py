"""The quarantine: rejected rows and files, straight from the warehouse where it can be read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings
from ingestion.sql import literal, only_row, quoted, with_values
from orchestration.cli.context import load_settings
from orchestration.cli.marts import Row, open_marts, rows
from orchestration.cli.output import note, print_json, print_line, print_table
from orchestration.platform.plain_text import AS_TEXT, FORMULA

_SHOWN = 20
_TEXT_SHOWN = 60
_ROW_COLUMNS = (
    "company_id, app_id, source, path, line_number, reasons, raw_text, load_id, rejected_at"
)
_FILE_COLUMNS = "company_id, path, reason, detail, load_id, rejected_at"
# A file that was loaded after its refusal is in quarantine no more.
_LATER_LOAD = {
    "raw": "from raw.loaded_files as loads"
    " where loads.path = files.path and loads.loaded_at >= files.rejected_at",
    "marts": "from marts.load_audit as loads"
    " where loads.path = files.path and loads.last_loaded_at >= files.rejected_at",
}
_FORMATS = {
    ".csv": "format csv, header",
    ".json": "format json, array true",
    ".jsonl": "format json",
    ".ndjson": "format json",
    ".parquet": "format parquet",
}


def rejects(company_id: str | None, *, export: Path | None, as_json: bool) -> int:
    """Show or export what is in quarantine now; what a later try accepted is left out."""
    with _quarantine(load_settings()) as (connection, schema):
        condition = "($1 is null or company_id = $1)"
        row_query = (
            f"select {_ROW_COLUMNS} from {schema}.rejected_rows"
            f" where {condition} and resolved_at is null"
            " order by company_id, rejected_at desc, path, line_number"
        )
        file_query = (
            f"select {_FILE_COLUMNS} from {schema}.rejected_files as files"
            f" where {condition} and not exists ({_LATER_LOAD[schema]})"
            " order by company_id, rejected_at desc, path"
        )
        if export:
            return _export(connection, row_query, company_id, export)
        found_rows = rows(connection, row_query, company_id)
        found_files = rows(connection, file_query, company_id)
    if as_json:
        print_json({"rows": found_rows, "files": found_files})
    else:
        _print_rows(found_rows)
        _print_files(found_files)
    return 0


@contextmanager
def _quarantine(settings: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A connection and the schema to read: while a run writes, the published copy of it."""
    if settings.warehouse.exists():
        try:
            connection = duckdb.connect(str(settings.warehouse), read_only=True)
        except duckdb.IOException:
            note("a run is writing the warehouse: this is the quarantine as published before it")
        else:
            with connection:
                try:
                    yield connection, "raw"
                except duckdb.CatalogException as error:
                    raise UserError(
                        "nothing has been loaded yet: run `saas-tracker run`"
                    ) from error
                return
    with open_marts(settings) as connection:
        yield connection, "marts"


def _export(
    connection: duckdb.DuckDBPyConnection, query: str, company_id: str | None, file: Path
) -> int:
    options = _FORMATS.get(file.suffix.lower())
    if options is None:
        raise UserError(f"cannot tell the format of {file}: name it {', '.join(_FORMATS)}")
    if not file.resolve().parent.is_dir():
        raise UserError(f"there is no folder {file.parent}")
    connection.execute(with_values(f"create temp table export as {query}", company_id))
    if file.suffix.lower() == ".csv":
        _defuse_formulas(connection)
    target = str(file).replace("'", "''")
    connection.execute(f"copy export to '{target}' ({options})")
    (count,) = only_row(connection.execute("select count(*) from export"))
    print_line(f"{count:,} rejected rows written to {file}")
    return 0


def _defuse_formulas(connection: duckdb.DuckDBPyConnection) -> None:
    """A spreadsheet would compute a text that begins like a formula."""
    texts = connection.execute(
        "select column_name from duckdb_columns()"
        " where table_name = 'export' and data_type = 'VARCHAR'"
    ).fetchall()
    for (name,) in texts:
        column = quoted(name)
        connection.execute(
            f"update export set {column} = {literal(AS_TEXT)} || {column}"
            f" where regexp_matches({column}, {literal(FORMULA)})"
        )


def _print_rows(found: list[Row]) -> None:
    if not found:
        print_line("No rejected rows.")
        return
    counts: dict[tuple[str, str, str], int] = {}
    for row in found:
        for reason in row["reasons"].split(","):
            key = (row["company_id"] or "", row["source"], reason)
            counts[key] = counts.get(key, 0) + 1
    print_table(
        f"{len(found):,} rejected rows, by reason",
        ["Company", "Source", "Reason", "Rows"],
        [(*key, count) for key, count in sorted(counts.items(), key=lambda item: -item[1])],
        numbers=["Rows"],
    )
    print_table(
        f"The first {min(_SHOWN, len(found))} (all: --export FILE)",
        ["Company", "File", "Line", "Reasons", "Text"],
        [
            (
                row["company_id"],
                row["path"],
                row["line_number"],
                row["reasons"],
                (row["raw_text"] or "")[:_TEXT_SHOWN],
            )
            for row in found[:_SHOWN]
        ],
        numbers=["Line"],
    )


def _print_files(found: list[Row]) -> None:
    if not found:
        print_line("No rejected files.")
        return
    print_table(
        f"{len(found):,} rejected files",
        ["Company", "File", "Reason", "Detail"],
        [(row["company_id"], row["path"], row["reason"], row["detail"]) for row in found],
    )
