"""Import files to raw rows: versions, history, quarantine, and another try for what was refused."""

from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any

from ingestion.errors import FileChangedError, UnreadableFileError, unreadable
from ingestion.imports.applying import ImportOutcome, apply_rows
from ingestion.imports.comparison import StoredSubscriptions
from ingestion.imports.dismissals import DISMISSALS
from ingestion.imports.kinds import UNKNOWN_ORGANIZATION, ImportKind, Key, Values
from ingestion.imports.organizations import ORGANIZATIONS
from ingestion.imports.refused import RefusedRow, refused_rows
from ingestion.imports.sheet import Sheet, SheetRow, read_sheet
from ingestion.imports.stored import current_rows
from ingestion.imports.subscriptions import SUBSCRIPTIONS
from ingestion.imports.warnings import sheet_warnings, stale_rates
from ingestion.imports.written import (
    write_figures,
    write_history,
    write_refused,
    write_versions,
    write_warnings,
)
from ingestion.landing.door import Door
from ingestion.landing.manifest import NewFile, RefusedFile
from ingestion.landing.storage import LandingZone
from ingestion.raw.warehouse import LoadedData
from ingestion.raw.writer import RawWriter
from ingestion.reference import Company, Registry

KINDS = {kind.name: kind for kind in (ORGANIZATIONS, SUBSCRIPTIONS, DISMISSALS)}

_CHECKSUM = "select checksum from {table} where path = {path} and load_id = {load_id}"


class ImportLoad:
    """Applies the imports of one load in order, each on what the ones before left.

    ``seen_org_ids`` tells the organizations that a company's events name. Without a writer, which
    knows the time, it only tells what would come of the rows on the day ``today``.
    """

    def __init__(
        self,
        loaded: LoadedData,
        registry: Registry,
        seen_org_ids: Callable[[str], set[str]],
        writer: RawWriter | None = None,
        today: date | None = None,
        door: Door | None = None,
    ) -> None:
        self._loaded = loaded
        self._registry = registry
        self._seen_org_ids = seen_org_ids
        self._writer = writer
        self._today = today or self._new_rows.now.date()
        self._subscriptions = StoredSubscriptions(loaded, registry, self._today)
        self._door = door
        self._current: dict[tuple[str, str], dict[Key, Values]] = {}
        self._resolved: set[str] = set()

    def apply_file(self, zone: LandingZone, new: NewFile) -> RefusedFile | None:
        """Apply a file of the landing zone; return it where it could not be read."""
        return self.apply_file_rows(zone, new)[0]

    def apply_file_rows(
        self, zone: LandingZone, new: NewFile, **options: Any
    ) -> tuple[RefusedFile | None, ImportOutcome | None]:
        """Apply a file: the refusal where it could not be read, the outcome where it could."""
        kind = KINDS[new.route.kind]
        try:
            with zone.open(new.file, new.route.compression) as stream:
                sheet = read_sheet(stream, kind.headers, kind.required, zone.limits)
        except FileChangedError:
            return None, None
        except UnreadableFileError as error:
            return self._refusal(new, error), None
        before = dict(self._current_rows(kind, new.route.company_id))
        try:
            outcome = self.apply_rows(
                kind,
                new.route.company_id,
                sheet.rows,
                new.file.path,
                new.checksum,
                sheet=sheet,
                **options,
            )
        except Exception as error:  # noqa: BLE001 (whatever it is that a rule did not expect)
            refused = unreadable(error)
            self._current[kind.name, new.route.company_id] = before
            return self._refusal(new, refused), None
        self._resolve_corrected(kind, new.route.company_id, outcome)
        write_refused(self._new_rows, kind, new, outcome)
        write_figures(self._new_rows, new, len(sheet.rows), outcome)
        return None, outcome

    def _refusal(self, new: NewFile, error: UnreadableFileError) -> RefusedFile:
        company_id = new.route.company_id
        return RefusedFile(new.file, company_id, error.reason, error.detail, new.checksum)

    def apply_rows(
        self,
        kind: ImportKind,
        company_id: str,
        rows: list[SheetRow],
        path: str,
        checksum: str | None,
        sheet: Sheet | None = None,
        **options: Any,
    ) -> ImportOutcome:
        """Apply rows and write their versions, their warnings and a row of history.

        The ``sheet`` is given where the rows are all of a file: then they go through the door, and
        UnreadableFileError says that too many were refused: nothing is written. The options are
        the rows of ``applying.apply_rows``; only the lines that they choose count.
        """
        company = self._registry.company(company_id)
        known = self.known_org_ids(kind, company_id)
        context = kind.context(company, self._registry, known, rows)
        outcome = apply_rows(kind, rows, context, self._current_rows(kind, company_id), **options)
        if self._door and sheet is not None:
            self._door.judge_import(company_id, kind.name, len(rows), _objections(outcome))
        self._warn(kind, company, outcome, sheet)
        is_worth_telling = outcome.accepted or "only" not in options
        if self._writer is not None and is_worth_telling:
            write_versions(self._new_rows, kind, company_id, path, outcome)
            write_history(self._new_rows, kind, company_id, path, checksum, outcome)
            write_warnings(self._new_rows, kind, company_id, path, outcome)
        return outcome

    def _warn(
        self, kind: ImportKind, company: Company, outcome: ImportOutcome, sheet: Sheet | None
    ) -> None:
        if kind is SUBSCRIPTIONS:
            header_line = sheet.header_line if sheet else None
            is_preview = self._writer is None
            found = self._subscriptions.compare(company, outcome, header_line, is_preview)
            outcome.mrr = found.mrr
            outcome.warnings += found.warnings
        if sheet and kind is SUBSCRIPTIONS:
            outcome.warnings += stale_rates(outcome.accepted, company, self._registry, self._today)
        if sheet:
            outcome.warnings += sheet_warnings(sheet)

    def retry_refused(self, kind: ImportKind, company_id: str) -> None:
        """Apply rows that were refused for their organization alone, where it is known by now."""
        known = self.known_org_ids(kind, company_id)
        waiting = [row for row in self._refused(kind, company_id) if row.waits_for_organization]
        self._apply_again(
            kind, company_id, [row for row in waiting if row.cells["external_org_id"] in known]
        )

    def apply_again(self, kind: ImportKind, company_id: str, row_ids: Collection[str]) -> None:
        """Apply these quarantined rows; those that are accepted are resolved."""
        if row_ids:
            refused = self._refused(kind, company_id)
            self._apply_again(kind, company_id, [row for row in refused if row.row_id in row_ids])

    def _resolve_corrected(self, kind: ImportKind, company_id: str, outcome: ImportOutcome) -> None:
        """Rows of earlier files that were refused, and whose keys this file has as good rows."""
        accepted = {parsed.key for parsed in outcome.accepted}
        refused = self._refused(kind, company_id)
        if not accepted or not refused:
            return
        rows = [SheetRow(row.line, row.raw_text, row.cells) for row in refused]
        known = self.known_org_ids(kind, company_id)
        context = kind.context(self._registry.company(company_id), self._registry, known, rows)
        keys = [kind.parse(row, context).key for row in rows]
        self.resolve(row.row_id for row, key in zip(refused, keys, strict=True) if key in accepted)

    def _refused(self, kind: ImportKind, company_id: str) -> list[RefusedRow]:
        found = refused_rows(self._loaded, kind, company_id)
        return [row for row in found if row.row_id not in self._resolved]

    def _apply_again(self, kind: ImportKind, company_id: str, refused: list[RefusedRow]) -> None:
        for (path, load_id), group in _grouped(
            refused, lambda row: (row.path, row.load_id)
        ).items():
            checksum = self._loaded.rows("import_history", _CHECKSUM, path=path, load_id=load_id)
            rows = [SheetRow(row.line, row.raw_text, row.cells) for row in group]
            outcome = self.apply_rows(
                kind, company_id, rows, path, checksum[0][0] if checksum else ""
            )
            still_refused = {parsed.row.line for parsed in outcome.refused}
            self.resolve(row.row_id for row in group if row.line not in still_refused)

    @property
    def _new_rows(self) -> RawWriter:
        if self._writer is None:
            raise RuntimeError("an import without a writer tells what would be, and writes nothing")
        return self._writer

    def resolve(self, row_ids: Iterable[str]) -> None:
        """Note quarantined rows that are accepted now."""
        for row_id in row_ids:
            self._resolved.add(row_id)
            self._new_rows.add("row_resolutions", row_id=row_id, resolved_at=self._new_rows.now)

    def known_org_ids(self, kind: ImportKind, company_id: str) -> set[str]:
        """The organizations that rows of this kind may name."""
        imported = {key[0] for key in self._current_rows(ORGANIZATIONS, company_id)}
        return imported | self._seen_org_ids(company_id) if kind is DISMISSALS else imported

    def _current_rows(self, kind: ImportKind, company_id: str) -> dict[Key, Values]:
        place = (kind.name, company_id)
        if place not in self._current:
            self._current[place] = current_rows(self._loaded, kind, company_id)
        return self._current[place]


def _objections(outcome: ImportOutcome) -> list[tuple[str, int]]:
    """Code and line of refused rows, but for those that wait for their organization alone."""
    return [
        (parsed.errors[0].code, parsed.row.line)
        for parsed in outcome.refused
        if {error.code for error in parsed.errors} != {UNKNOWN_ORGANIZATION}
    ]


def _grouped(items: list[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    """Items by key, in the order in which the keys first come."""
    groups: dict[Any, list[Any]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
