"""A replay as one load: committed as one package, so that a killed one leaves nothing behind."""

from ingestion.imports.dismissals import DISMISSALS
from ingestion.imports.load import ImportLoad
from ingestion.imports.organizations import ORGANIZATIONS
from ingestion.imports.subscriptions import SUBSCRIPTIONS
from ingestion.landing.layout import DUMP_KINDS, route
from ingestion.landing.manifest import Findings, Manifest, NewFile, RefusedFile
from ingestion.loading.batch import Batch, Load, dump_kind, write_refused_file
from ingestion.replay.dumps import replay_dumps
from ingestion.replay.imports import ReplayImports
from ingestion.replay.report import ReplayedFile, ReplayReport
from ingestion.replay.selection import RefusedOnce, Selection, input_files, read_quarantine
from ingestion.reporting import Reporter
from ingestion.settings import Settings

PREVIEW = "preview"


class ReplayBatch(Batch):
    """The load of what is good by now of the selected rows and files; ``report`` tells of it."""

    def __init__(
        self, settings: Settings, selection: Selection, reporter: Reporter | None = None
    ) -> None:
        super().__init__(settings, settings.landing, lambda *_: Findings([], []), reporter)
        self._selection = selection
        self.report = ReplayReport()

    def _fill(self, load: Load) -> None:
        refused_once = read_quarantine(load.connection, load.loaded, self._selection)
        listed = input_files(load.zone.list_files())
        whole = {}
        for item in refused_once:
            if isinstance(found := _whole_file(load, item, listed), NewFile):
                whole[found] = item.load_id
            else:
                self.report.files.append(found)
        load.reporter.started(len(whole), sum(new.file.size for new in whole))
        imports = ImportLoad(load.loaded, load.registry, load.seen_org_ids, load.writer)
        replay = ReplayImports(load, load.zone, listed, imports)

        def of(kind: str) -> list[tuple[NewFile, str]]:
            chosen = [(new, load_id) for new, load_id in whole.items() if new.route.kind == kind]
            return sorted(chosen, key=lambda item: (item[0].file.modified_at, item[0].file.path))

        applied = replay.replay(ORGANIZATIONS, of("organizations"))
        replay.replay(SUBSCRIPTIONS, of("subscriptions"))
        for company_id in sorted(applied):
            imports.retry_refused(SUBSCRIPTIONS, company_id)
        replayed: list[ReplayedFile] = []
        refused: list[RefusedFile] = []
        for name in DUMP_KINDS:
            dumps = [new for new, _ in of(name)]
            files = replay_dumps(load, dump_kind(load.registry, name), load.zone, listed, dumps)
            replayed, refused = replayed + files[0], refused + files[1]
        replay.replay(DISMISSALS, of("dismissals"))
        for company_id in sorted(applied | {file.company_id for file in replayed if file.accepted}):
            imports.retry_refused(DISMISSALS, company_id)
        self.report.files += [*replay.replayed, *replayed]
        self._write_refused(load, [*replay.refused, *refused])

    def _write_refused(self, load: Load, refused: list) -> None:
        manifest, findings = Manifest(load.loaded), Findings([], [])
        for item in refused:
            manifest.refuse(item, findings)
        for item in findings.refused:
            write_refused_file(load.writer, item)


def _whole_file(load: Load, refused: RefusedOnce, listed: dict) -> NewFile | ReplayedFile:
    """The refused file as one to load, or what is in the way."""
    found, file = route(refused.path), listed.get(refused.path)
    kind = found.kind if found else ""
    replayed = ReplayedFile(refused.company_id, kind, refused.path, is_whole_file=True)
    if found is None or file is None:
        replayed.reasons["gone"] += 1
        return replayed
    if refusal := load.registry.refusal(found.company_id, found.app_id):
        replayed.reasons[refusal[0]] += 1
        return replayed
    return NewFile(file, found, load.zone.checksum(file))
