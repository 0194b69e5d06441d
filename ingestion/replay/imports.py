"""Quarantined import rows: judged with the whole of their file, applied in the order of files.

A row whose key a newer file has set is accepted and changes nothing: had it been accepted at its
time, the newer file would have overwritten it.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ingestion.errors import FileChangedError, UnreadableFileError
from ingestion.imports.applying import ImportOutcome
from ingestion.imports.kinds import ImportKind, Key
from ingestion.imports.load import ImportLoad
from ingestion.imports.sheet import SheetRow, read_sheet
from ingestion.imports.stored import keys_set_by
from ingestion.landing.layout import route
from ingestion.landing.manifest import NewFile, RefusedFile
from ingestion.landing.storage import LandingZone, StoredFile
from ingestion.loading.batch import Load
from ingestion.replay.report import ReplayedFile

_GROUPS = """
    select company_id, source, path, load_id, checksum, modified_at,
        list(row_id order by line_number), list(line_number order by line_number),
        list(coalesce(raw_text, '') order by line_number), list(fields order by line_number),
        list(reasons order by line_number), list(is_selected order by line_number)
    from quarantine where source = '{kind}'
    group by company_id, source, path, load_id, checksum, modified_at
    having bool_or(is_selected)
    order by load_id, modified_at, path"""
_FILES_OF_KIND = """
    select load_id, modified_at, path, checksum from {table}
    where company_id = {company_id} and kind = {kind} order by load_id, modified_at, path"""

Position = tuple[str, datetime, str]  # load, modification time, path: the order of applying


@dataclass
class ReplayImports:
    """Replays the imports of one load."""

    load: Load
    zone: LandingZone
    listed: dict[str, StoredFile]
    imports: ImportLoad
    replayed: list[ReplayedFile] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)

    def replay(self, kind: ImportKind, whole: Iterable[tuple[NewFile, str]]) -> set[str]:
        """Replay one kind: ``whole`` files with the load that refused them, then rows.

        Returns the companies of which anything was applied.
        """
        touched = set()
        for new, load_id in whole:
            position = (load_id, new.file.modified_at, new.file.path)
            if self._apply_file(kind, new, position):
                touched.add(new.route.company_id)
        for group in self.load.connection.execute(_GROUPS.format(kind=kind.name)).fetchall():
            company_id, _, path, load_id, checksum, modified_at, *columns = group
            rows = list(zip(*columns, strict=True))
            position = (load_id, modified_at or datetime.min, path)
            if self._apply_rows(kind, company_id, position, checksum, rows):
                touched.add(company_id)
        return touched

    def _apply_file(self, kind: ImportKind, new: NewFile, position: Position) -> bool:
        replayed = ReplayedFile(new.route.company_id, kind.name, new.file.path, is_whole_file=True)
        self.replayed.append(replayed)
        overtaken = self._overtaken(kind, new.route.company_id, position)
        refused, outcome = self.imports.apply_file_rows(self.zone, new, overtaken=overtaken)
        if outcome is None:
            replayed.reasons[refused.reason if refused else "changed"] += 1
            if refused:
                self.refused.append(refused)
            return False
        _tell(replayed, outcome)
        return bool(outcome.versions)

    def _apply_rows(
        self,
        kind: ImportKind,
        company_id: str,
        position: Position,
        checksum: str | None,
        rows: list,
    ) -> bool:
        replayed = ReplayedFile(company_id, kind.name, position[2])
        self.replayed.append(replayed)
        selected = {line: row_id for row_id, line, *_, is_selected in rows if is_selected}
        replayed.rows = len(selected)
        if company_id not in self.load.registry.companies:
            replayed.refused = replayed.rows
            replayed.reasons["unknown_company"] += replayed.rows
            return False
        sheet = self._read(kind, position[2], checksum) or [_from_quarantine(*row) for row in rows]
        outcome = self.imports.apply_rows(
            kind,
            company_id,
            sheet,
            position[2],
            checksum or "",
            only=selected,
            overtaken=self._overtaken(kind, company_id, position),
        )
        refused = {parsed.row.line for parsed in outcome.refused}
        self.imports.resolve(row_id for line, row_id in selected.items() if line not in refused)
        _tell(replayed, outcome)
        return bool(outcome.versions)

    def _read(self, kind: ImportKind, path: str, checksum: str | None) -> list[SheetRow] | None:
        """The rows of a file that still has this content; None where it is gone."""
        file, found = self.listed.get(path), route(path)
        if file is None or found is None or self.zone.checksum(file) != checksum:
            return None
        try:
            with self.zone.open(file, found.compression) as stream:
                return read_sheet(stream, kind.headers, kind.required, self.zone.limits).rows
        except (FileChangedError, UnreadableFileError):
            return None

    def _overtaken(
        self, kind: ImportKind, company_id: str, position: Position
    ) -> Callable[[set[Key]], set[Key]]:
        """A function that tells which keys a newer file than the one at ``position`` has set."""

        def among(keys: set[Key]) -> set[Key]:
            rows = self.load.loaded.rows(
                "loaded_files", _FILES_OF_KIND, company_id=company_id, kind=kind.name
            )
            newer = [row for row in rows if (row[0], row[1], row[2]) > position]
            found: set[Key] = set()
            # Full exports are the rule: the newest file alone tells most.
            for load_id, _, path, checksum in reversed(newer):
                if found == keys:
                    break
                found |= keys & self._keys_set_by(kind, company_id, load_id, path, checksum)
            return found

        return among

    def _keys_set_by(
        self, kind: ImportKind, company_id: str, load_id: str, path: str, checksum: str
    ) -> set[Key]:
        """The keys of a file's good rows; of a file that is gone, those that it changed."""
        if (rows := self._read(kind, path, checksum)) is not None:
            company = self.load.registry.company(company_id)
            known = self.imports.known_org_ids(kind, company_id)
            context = kind.context(company, self.load.registry, known, rows)
            parsed = [kind.parse(row, context) for row in rows]
            return {row.key for row in parsed if row.key is not None and not row.errors}
        return keys_set_by(self.load.loaded, kind, company_id, path, load_id)


def _from_quarantine(
    _row_id: str, line: int, text: str, fields: str, reasons: str, _is_selected: bool
) -> SheetRow:
    return SheetRow(line, text, json.loads(fields), "too_many_fields" in reasons.split(","))


def _tell(replayed: ReplayedFile, outcome: ImportOutcome) -> None:
    replayed.accepted = len(outcome.accepted)
    replayed.duplicate = outcome.duplicates
    replayed.refused = outcome.error
    replayed.rows = replayed.accepted + replayed.duplicate + replayed.refused
    for parsed in outcome.refused:
        replayed.reasons.update({error.code for error in parsed.errors})
