"""New files of a kind to raw rows: what is new, duplicates, quarantine, figures of each file."""

from collections.abc import Callable, Iterable, Mapping

import duckdb

from ingestion.dumps.identity import resolve
from ingestion.dumps.kind import DumpKind
from ingestion.dumps.parsing import parse_files
from ingestion.dumps.repeated_ids import take_back
from ingestion.dumps.rows import DumpFile
from ingestion.errors import UnreadableFileError, unreadable
from ingestion.landing.door import Door
from ingestion.landing.manifest import NewFile, RefusedFile
from ingestion.landing.storage import Zone
from ingestion.raw.warehouse import RAW, LoadedData
from ingestion.raw.writer import RawWriter
from ingestion.sql import literal

# Copied rows are new; of the others the work tables tell what came of them.
_FILE_COUNTS = """
    with parsed as (
        select file_number, count(*) as rows_read,
            count(*) filter (reasons <> '') as rows_rejected
        from parsed_{many} where is_written group by file_number
    ),
    accepted as (
        select file_number, count(*) as rows_accepted from new_{many} group by file_number
    ),
    copied as (
        select file_number, count(*) as rows_copied
        from copied_{many} inner join {one}_files using (source_path) group by file_number
    )
    select file_number, coalesce(rows_read, 0) + coalesce(rows_copied, 0),
        coalesce(rows_rejected, 0), coalesce(rows_accepted, 0) + coalesce(rows_copied, 0)
    from parsed
    left join accepted using (file_number)
    full join copied using (file_number)"""

_REJECTED = """
    with counted as (
        select file_number, count(*) as rows_read,
            count(*) filter (reasons <> '') as rows_rejected,
            mode(reasons) filter (reasons <> '') as usual_reasons
        from parsed_{many} group by file_number
    )
    select file_number, rows_read, rows_rejected, usual_reasons, min(line_number)
    from counted inner join parsed_{many} using (file_number)
    where rows_rejected > 0 and reasons = usual_reasons
    group by all"""

_REJECTED_ROWS = """
    select * exclude (path) from parsed_{many} inner join {one}_files using (file_number)
    where is_written and reasons <> ''"""
_NEW = "select * from {table} inner join {one}_files using (file_number)"


def load_dumps(
    connection: duckdb.DuckDBPyConnection,
    zone: Zone,
    new_files: list[NewFile],
    loaded: LoadedData,
    writer: RawWriter,
    kind: DumpKind,
    mark: Callable[[], None] | None = None,
    door: Door | None = None,
) -> list[RefusedFile]:
    """Write the raw rows of files of a kind; return the files that could not be read.

    ``mark`` is called when all rows are parsed; it may take rows and files back. Without one, rows
    that are new whatever else there is never get into a work table. Files with too many rejects do
    not get through the ``door``.
    """
    ordered = sorted(new_files, key=lambda new: (new.file.modified_at, new.file.path))
    files = [
        DumpFile(number, new.file, new.route, new.checksum) for number, new in enumerate(ordered)
    ]
    raw = RAW if loaded.has(kind.many) else None
    read = parse_files(connection, zone, files, kind, None if mark else writer)
    if door:
        read.failures.update(_refused_at(door, connection, writer, kind, files))
    failed = [files[number].file.path for number in read.failures]
    take_back(connection, writer, kind, raw, failed)
    _forget(connection, kind, read.failures)
    if mark:
        mark()
    writer.make_view(kind.sql("copied_{many}"), kind.many)
    resolve(connection, kind, raw)
    _write_rows(writer, kind)
    good = [file for file in files if file.number not in read.failures]
    _write_file_figures(connection, writer, kind, good, read.checksums)
    return [
        RefusedFile(
            files[number].file,
            files[number].route.company_id,
            error.reason,
            error.detail,
            read.checksums[number] or _checksum(zone, files[number]),
        )
        for number, error in read.failures.items()
        if isinstance(error, UnreadableFileError)
    ]


def _refused_at(
    door: Door,
    connection: duckdb.DuckDBPyConnection,
    writer: RawWriter,
    kind: DumpKind,
    files: list[DumpFile],
) -> dict[int, UnreadableFileError]:
    """The refusals of files, by number; good rows that were copied already count, too."""
    rejected = connection.execute(kind.sql(_REJECTED)).fetchall()
    if not rejected:
        return {}
    copied: dict[str, int] = {}
    if paths := writer.copied(kind.many):
        listed = ", ".join(literal(path) for path in paths)
        counts = f"select source_path, count(*) from read_parquet([{listed}]) group by source_path"
        copied = dict(connection.execute(counts).fetchall())
    refused: dict[int, UnreadableFileError] = {}
    for number, rows, count, reasons, line in rejected:
        file = files[number]
        try:
            source = (file.route.company_id, file.route.app_id or "", file.route.kind)
            door.judge(
                source, rows + copied.get(file.file.path, 0), count, f"{reasons} (line {line})"
            )
        except UnreadableFileError as error:
            refused[number] = error
    return refused


def _checksum(zone: Zone, file: DumpFile) -> str | None:
    """The checksum of a failed file; None where its bytes cannot be read: it is tried again."""
    try:
        return zone.checksum(file.file)
    except Exception as error:  # noqa: BLE001 (whatever the storage's driver raises)
        unreadable(error)
        return None


def _forget(connection: duckdb.DuckDBPyConnection, kind: DumpKind, failures: Iterable[int]) -> None:
    """A file that fails leaves no row behind."""
    if numbers := ", ".join(map(str, failures)):
        connection.execute(
            kind.sql("delete from parsed_{many} where file_number in ({numbers})", numbers=numbers)
        )


def _write_rows(writer: RawWriter, kind: DumpKind) -> None:
    new, receipts = kind.sql("new_{many}"), kind.sql("earlier_{one}_receipts")
    writer.copy(kind.many, kind.sql(_NEW, table=new), None, **kind.stored)
    writer.copy(f"{kind.one}_receipts", kind.sql(_NEW, table=receipts), None, **kind.stored)
    writer.copy(f"{kind.one}_id_collisions", kind.sql("select * from {one}_id_collisions"))
    writer.copy(
        "rejected_rows",
        kind.sql(_REJECTED_ROWS),
        row_id=kind.sql(
            "md5(concat_ws('/', '{load_id}', source_path, {place}))", load_id=writer.load_id
        ),
        source=literal(kind.many),
        path="source_path",
        item_number=kind.stored.get("item_number", "null::bigint"),
        fields="null::varchar",
        rejected_at=f"timestamp '{writer.now}'",
        resolved_at="null::timestamp",
    )


def _write_file_figures(
    connection: duckdb.DuckDBPyConnection,
    writer: RawWriter,
    kind: DumpKind,
    files: list[DumpFile],
    checksums: Mapping[int, str | None],
) -> None:
    counts = {row[0]: row[1:] for row in connection.execute(kind.sql(_FILE_COUNTS)).fetchall()}
    listing = connection.execute(kind.sql("select file_number from {one}_files"))
    listed = {row[0] for row in listing.fetchall()}
    for file in [file for file in files if file.number in listed]:
        read, rejected, accepted = counts.get(file.number, (0, 0, 0))
        writer.add(
            "loaded_files",
            company_id=file.route.company_id,
            app_id=file.route.app_id,
            kind=file.route.kind,
            path=file.file.path,
            checksum=checksums[file.number],
            bytes=file.file.size,
            modified_at=file.file.modified_at,
            rows_read=read,
            rows_accepted=accepted,
            rows_rejected=rejected,
            rows_duplicate=read - accepted - rejected,
            loaded_at=writer.now,
        )
