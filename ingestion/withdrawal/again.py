"""Does the later loads again that a withdrawal concerns, each at its time and under its id."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import cast

import duckdb

from ingestion.errors import UserError
from ingestion.imports.kinds import UNKNOWN_ORGANIZATION
from ingestion.imports.load import KINDS, ImportLoad
from ingestion.landing.layout import COMPRESSIONS, DUMP_KINDS, Route
from ingestion.landing.manifest import NewFile
from ingestion.landing.storage import LandingZone, StoredFile
from ingestion.loading.batch import Load, dump_kind
from ingestion.raw.tables import RAW_TABLES
from ingestion.raw.writer import RawWriter
from ingestion.reference import Registry
from ingestion.reporting import Reporter
from ingestion.sql import literal
from ingestion.withdrawal.after import AGAIN, After
from ingestion.withdrawal.plan import VERSION_TABLES, Plan
from ingestion.withdrawal.shared_events import candidates, sharing_files
from ingestion.withdrawal.target import RAW_BEFORE
from ingestion.withdrawal.work_tables import drop_work_tables
from ingestion.withdrawal.zone import FormerFiles, remembered_sheet

END = "~"  # after every load id

_LOADS = f"""
    select load_id, max(moment) from (
        select load_id, company_id, loaded_at as moment from {RAW_BEFORE}.loaded_files
        union all
        select load_id, company_id, applied_at from {RAW_BEFORE}.import_history
    ) where company_id in ({{companies}}) and load_id >= {{first}}
    group by load_id order by load_id"""
_FILES = f"""
    select load_id, path, checksum, bytes, modified_at, company_id, app_id, kind
    from {RAW_BEFORE}.loaded_files where load_id >= {{first}} and not {{goes}}"""
# Rows of a replay; those that it wrote nothing of had been overtaken by a newer file. Rows that
# wait for an organization are tried again by every load.
_RESOLVED_THEN = f"""
    select rows.company_id, rows.source, rows.path, rows.row_id, rows.line_number, exists (
        select 1 from {RAW_BEFORE}.{{versions}} as versions
        where versions.company_id = rows.company_id and versions.source_path = rows.path
            and versions.line_number = rows.line_number
            and versions._dlt_load_id = former._dlt_load_id) as has_version
    from loaded.raw.rejected_rows as rows
    inner join {RAW_BEFORE}.row_resolutions as former using (row_id)
    where rows.resolved_at is null and rows.reasons <> '{UNKNOWN_ORGANIZATION}'
        and rows.company_id = {{company_id}}
        and rows.source = {{kind}} and former._dlt_load_id = {{load_id}}
        and exists (
            select 1 from {RAW_BEFORE}.import_history as history
            where history.company_id = rows.company_id and history.kind = rows.source
                and history.path = rows.path and history.load_id = former._dlt_load_id)"""


@dataclass
class Again:
    """The loads that are done again. ``read`` and ``gone`` are paths for the report."""

    connection: duckdb.DuckDBPyConnection
    plan: Plan
    after: After
    files: FormerFiles
    registry: Registry
    reporter: Reporter
    folder: Path
    read: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Find what has to be done again, and do it load by load."""
        by_load = self._files_by_load()
        for files in by_load.values():
            self.read += [new.file.path for new in files]
        total = [new.file.size for files in by_load.values() for new in files]
        self.reporter.started(len(total), sum(total))
        for load_id, moment in self._loads():
            self._do(load_id, moment, by_load.get(load_id, []))
        self.after.until(END)
        self.after.find_collisions()

    def _loads(self) -> list[tuple[str, datetime]]:
        companies = ", ".join(map(literal, sorted(self.plan.companies))) or "null"
        query = _LOADS.format(companies=companies, first=literal(self.plan.first_load))
        return self.connection.execute(query).fetchall()

    def _files_by_load(self) -> dict[str, list[NewFile]]:
        """Import files of the kinds that are done again, and dumps that shared events or calls."""
        dumps = set(candidates(self.connection, self.plan))
        found: dict[str, list[NewFile]] = {}
        load_of: dict[NewFile, str] = {}
        for load_id, new in self._later_files():
            is_import = (new.route.company_id, new.route.kind) in self.plan.redone
            if not is_import and (new.file.path, load_id) not in dumps:
                continue
            if new.checksum and self.files.find(new.file, new.checksum):
                load_of[new] = load_id
            elif is_import:
                self.gone.append(new.file.path)
                load_of[self._remembered(new, load_id)] = load_id
            else:
                self.gone.append(new.file.path)
        shared: set[NewFile] = set()
        for name in DUMP_KINDS:
            of_kind = [new for new in load_of if new.route.kind == name]
            kind = dump_kind(self.registry, name)
            shared.update(sharing_files(self.connection, self.files, kind, of_kind))
        for new, load_id in load_of.items():
            if new.route.kind not in DUMP_KINDS or new in shared:
                found.setdefault(load_id, []).append(new)
        self.after.read_again([(new.file.path, load_of[new]) for new in shared])
        return found

    def _later_files(self) -> Iterator[tuple[str, NewFile]]:
        query = _FILES.format(
            first=literal(self.plan.first_load), goes=self.plan.target.condition()
        )
        rows = self.connection.execute(query).fetchall()
        for load_id, path, checksum, size, modified_at, company_id, app_id, kind in rows:
            route = former_route(path, company_id, app_id, kind)
            yield load_id, NewFile(StoredFile(path, size, modified_at), route, checksum)

    def _remembered(self, new: NewFile, load_id: str) -> NewFile:
        place = (new.route.company_id, new.route.kind, new.file.path, load_id)
        self.files.remember(new.file, remembered_sheet(self.connection, *place))
        return replace(new, route=replace(new.route, compression=None))

    def _do(self, load_id: str, moment: datetime, files: list[NewFile]) -> None:
        loaded = self.after.until(load_id)
        writer = RawWriter(self._folder(load_id), self.connection, load_id, moment)
        zone = cast(LandingZone, self.files)  # it opens files as one does, and lists none
        load = Load(self.connection, zone, loaded, self.registry, writer, self.reporter)
        companies = sorted({company_id for company_id, _ in self.plan.redone})
        refused = load.run(files, retried=companies)
        if refused:
            raise UserError(
                f"{refused[0].file.path} was loaded once and cannot be read now"
                f" ({refused[0].detail}); it has to be read again to withdraw {self.plan.target}"
            )
        self._keep(writer)
        drop_work_tables(self.connection)
        if load_id != self.plan.target.load_id:
            self._replay(load_id, moment, load)

    def _replay(self, load_id: str, moment: datetime, load: Load) -> None:
        """Rows that this load accepted although an earlier one had refused them."""
        writer = RawWriter(self._folder(f"{load_id}.replay"), self.connection, load_id, moment)
        loaded = self.after.until(load_id)
        imports = ImportLoad(loaded, self.registry, load.seen_org_ids, writer)
        for company_id, kind in sorted(
            self.plan.redone, key=lambda item: list(KINDS).index(item[1])
        ):
            query = _RESOLVED_THEN.format(
                versions=VERSION_TABLES[kind],
                company_id=literal(company_id),
                kind=literal(kind),
                load_id=literal(load_id),
            )
            rows = self.connection.execute(query).fetchall()
            imports.resolve(row[3] for row in rows if not row[5])
            imports.apply_again(KINDS[kind], company_id, {row[3] for row in rows if row[5]})
        self._keep(writer)

    def _keep(self, writer: RawWriter) -> None:
        for table in RAW_TABLES:
            if table.name in self.plan.tables:
                for query in writer.queries(table.name, even_empty=False):
                    self.connection.execute(f"insert into {AGAIN}.{table.name} by name {query}")

    def _folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir()
        return folder


def former_route(path: str, company_id: str, app_id: str | None, kind: str) -> Route:
    """What a file was when it was loaded, wherever it lay."""
    *_, ending = name = path.lower().rsplit("/", 1)[-1].split(".")
    compression = COMPRESSIONS.get(ending)
    ending = name[-2] if compression and len(name) > 1 else ending
    formats = {"csv": "csv", "parquet": "parquet"}
    return Route(company_id, app_id, kind, formats.get(ending, "json"), compression)
