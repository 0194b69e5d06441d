"""New files of a kind to raw rows: what is new, duplicates, quarantine, figures of each file."""

from collections.abc import Iterable, Mapping

import duckdb

from ingestion.dumps.identity import resolve
from ingestion.dumps.kind import DumpKind
from ingestion.dumps.parsing import ReadFiles, parse_files
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


class DumpLoad:
    """New files of a kind in two steps: ``parse`` all rows, then ``write`` the raw rows.

    Whoever stands between the steps may take parsed rows and files back.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        zone: Zone,
        new_files: list[NewFile],
        loaded: LoadedData,
        writer: RawWriter,
        kind: DumpKind,
    ) -> None:
        ordered = sorted(new_files, key=lambda new: (new.file.modified_at, new.file.path))
        self.numbers = {new: number for number, new in enumerate(ordered)}
        self._files = [
            DumpFile(number, new.file, new.route, new.checksum)
            for number, new in enumerate(ordered)
        ]
        self._connection, self._zone, self._writer, self._kind = connection, zone, writer, kind
        self._raw = RAW if loaded.has(kind.many) else None
        self._read = ReadFiles()

    def parse(self, door: Door | None = None, *, keep_all: bool = False) -> None:
        """Read and judge all rows. Files with too many rejects do not get through the ``door``.

        With ``keep_all`` every row is in a work table; without, rows that are new whatever else
        there is never get into one.
        """
        connection, writer, kind = self._connection, self._writer, self._kind
        self._read = parse_files(
            connection, self._zone, self._files, kind, None if keep_all else writer
        )
        failures = self._read.failures
        if door:
            failures.update(_refused_at(door, connection, writer, kind, self._files))
        failed = [self._files[number].file.path for number in failures]
        take_back(connection, writer, kind, self._raw, failed)
        _forget(connection, kind, failures)

    def write(self) -> list[RefusedFile]:
        """Write the raw rows and figures; return the files that could not be read."""
        connection, writer, kind = self._connection, self._writer, self._kind
        checksums, failures = self._read.checksums, self._read.failures
        writer.make_view(kind.sql("copied_{many}"), kind.many)
        resolve(connection, kind, self._raw)
        _write_rows(writer, kind)
        good = [file for file in self._files if file.number not in failures]
        _write_file_figures(connection, writer, kind, good, checksums)
        return [
            RefusedFile(
                file.file,
                file.route.company_id,
                error.reason,
                error.detail,
                checksums[file.number] or _checksum(self._zone, file),
            )
            for file in self._files
            if isinstance(error := failures.get(file.number), UnreadableFileError)
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
