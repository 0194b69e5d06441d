"""One load: from files to Parquet, one set of files per raw table.

Everything of a load carries dlt's load id, and dlt commits it as one package: after a crash
either all of it is there or none of it counts.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingestion.calls.files import calls_of
from ingestion.dumps.kind import DumpKind
from ingestion.dumps.load import DumpLoad
from ingestion.events.files import EVENTS
from ingestion.imports.dismissals import DISMISSALS
from ingestion.imports.load import ImportLoad
from ingestion.imports.subscriptions import SUBSCRIPTIONS
from ingestion.landing.door import Door
from ingestion.landing.layout import DUMP_KINDS
from ingestion.landing.manifest import Findings, Manifest, NewFile, RefusedFile
from ingestion.landing.storage import LandingZone
from ingestion.raw.tables import RAW_TABLES
from ingestion.raw.warehouse import NAMED_ORG_IDS, LoadedData
from ingestion.raw.writer import RawWriter
from ingestion.reference import Registry, load_registry
from ingestion.reporting import Reporter, SilentReporter
from ingestion.settings import Settings
from ingestion.sql import literal
from ingestion.thresholds import read_thresholds

# Past this the work tables spill to disk.
_WORK_MEMORY = "4GB"

Finder = Callable[[LandingZone, Manifest, Registry], Findings]


class Batch:
    """The next load. Nothing is read before the first call of ``queries``.

    ``find`` says which files of ``zone`` are in it. With ``has_door``, those with too many rejects
    are refused; without, somebody has looked at them and wants what is good.
    """

    def __init__(
        self,
        settings: Settings,
        zone: str,
        find: Finder,
        reporter: Reporter | None = None,
        *,
        has_door: bool = False,
    ) -> None:
        self._settings = settings
        self._zone = zone
        self._find = find
        self._reporter = reporter or SilentReporter()
        self._has_door = has_door
        self._queries: dict[str, list[str]] | None = None

    @property
    def folder(self) -> Path:
        """Where the files of the load lie, until the next load."""
        return _work_folder(self._settings)

    def queries(self, table: str, load_id: str) -> list[str]:
        """The new rows of a raw table as DuckDB SQL over files; none where there are none.

        The first call does the work for all tables.
        """
        if self._queries is None:
            self._queries = self._build(load_id)
        return self._queries[table]

    def _build(self, load_id: str) -> dict[str, list[str]]:
        registry = load_registry(self._settings)
        with work_connection(self._settings) as (connection, folder):
            watch = self._reporter.advanced
            zone = LandingZone(self._zone, self._settings.limits, folder, watch)
            loaded = LoadedData(connection, self._settings)
            writer = RawWriter(folder, connection, load_id, self._settings.current_time())
            door = Door.of(loaded, read_thresholds()) if self._has_door else None
            self._fill(Load(connection, zone, loaded, registry, writer, self._reporter, door))
            return {
                table.name: writer.queries(table.name, not loaded.has(table.name))
                for table in RAW_TABLES
            }

    def _fill(self, load: "Load") -> None:
        """Give the rows of this load to its writer."""
        manifest = Manifest(load.loaded)
        findings = self._find(load.zone, manifest, load.registry)
        for refused in load.run(findings.new) if findings.new else []:
            manifest.refuse(refused, findings)
        for refused in findings.refused:
            write_refused_file(load.writer, refused)


def _work_folder(settings: Settings) -> Path:
    return settings.state_dir / "work"


@contextmanager
def work_connection(settings: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """An empty database in memory that spills beside the warehouse, and an empty folder."""
    folder = _work_folder(settings)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"set memory_limit = '{_WORK_MEMORY}'")
        connection.execute(f"set temp_directory = {literal(folder / 'spill')}")
        yield connection, folder


@dataclass
class Load:
    """The steps of a load, in the order that the input contract asks for."""

    connection: duckdb.DuckDBPyConnection
    zone: LandingZone
    loaded: LoadedData
    registry: Registry
    writer: RawWriter
    reporter: Reporter
    door: Door | None = None
    loaded_kinds: set[str] = field(default_factory=set)

    def run(self, new_files: list[NewFile], retried: Sequence[str] = ()) -> list[RefusedFile]:
        """Load files; return those that could not be read.

        Rows that wait for an organization are tried again for companies with new ones, and for
        those ``retried``.
        """
        self.reporter.started(len(new_files), sum(new.file.size for new in new_files))
        imports = ImportLoad(
            self.loaded, self.registry, self.seen_org_ids, self.writer, door=self.door
        )
        kinds = {kind: [new for new in new_files if new.route.kind == kind] for kind in _KINDS}
        refused = self._apply(imports, kinds["organizations"])
        for company_id in {*retried, *_companies(kinds["organizations"])}:
            imports.retry_refused(SUBSCRIPTIONS, company_id)
        refused += self._apply(imports, kinds["subscriptions"])
        dumps = [*kinds["events"], *kinds["calls"]]
        for kind in DUMP_KINDS:
            refused += self._load(dump_kind(self.registry, kind), kinds[kind])
        for company_id in {*retried, *_companies(kinds["organizations"] + dumps)}:
            imports.retry_refused(DISMISSALS, company_id)
        return refused + self._apply(imports, kinds["dismissals"])

    def _apply(self, imports: ImportLoad, files: list[NewFile]) -> list[RefusedFile]:
        refused = []
        for new in sorted(files, key=lambda new: (new.file.modified_at, new.file.path)):
            refused.append(imports.apply_file(self.zone, new))
        return [item for item in refused if item is not None]

    def _load(self, kind: DumpKind, files: list[NewFile]) -> list[RefusedFile]:
        if not files:
            return []
        self.loaded_kinds.add(kind.many)
        dumps = DumpLoad(self.connection, self.zone, files, self.loaded, self.writer, kind)
        dumps.parse(self.door)
        return dumps.write()

    def seen_org_ids(self, company_id: str) -> set[str]:
        """Organizations that a company's events and calls name, this load's included."""
        seen = self.loaded.seen_org_ids(company_id)
        for kind in self.loaded_kinds:
            found = self.connection.execute(
                NAMED_ORG_IDS[kind].format(table=f"new_{kind}", company_id=literal(company_id))
                + " union "
                + NAMED_ORG_IDS[kind].format(table=f"copied_{kind}", company_id=literal(company_id))
            )
            seen |= {row[0] for row in found.fetchall()}
        return seen


_KINDS = ("organizations", "subscriptions", "events", "calls", "dismissals")


def dump_kind(registry: Registry, name: str) -> DumpKind:
    """Events, or calls as the registry says that they are read."""
    return EVENTS if name == EVENTS.many else calls_of(registry)


def _companies(files: list[NewFile]) -> list[str]:
    return sorted({new.route.company_id for new in files})


def write_refused_file(writer: RawWriter, refused: RefusedFile) -> None:
    """Quarantine a file."""
    writer.add(
        "rejected_files",
        company_id=refused.company_id,
        path=refused.file.path,
        reason=refused.reason,
        detail=refused.detail,
        checksum=refused.checksum,
        bytes=refused.file.size,
        modified_at=refused.file.modified_at,
        rejected_at=writer.now,
    )
