"""Imports from the command line: preview and apply one file, and dismiss one signal."""

import csv
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from ingestion.errors import FileChangedError, UnreadableFileError, UserError
from ingestion.imports.applying import ImportOutcome
from ingestion.imports.dismissals import DISMISSALS, OPTIONAL, REQUIRED
from ingestion.imports.kinds import RowError
from ingestion.imports.load import KINDS, ImportLoad
from ingestion.imports.sheet import Sheet, SheetRow, read_sheet
from ingestion.landing.folders import stored_file
from ingestion.landing.layout import Route
from ingestion.landing.manifest import Findings, NewFile
from ingestion.landing.storage import LandingZone
from ingestion.loading.batch import Batch, work_connection
from ingestion.raw.warehouse import LoadedData
from ingestion.reference import load_registry
from ingestion.settings import Settings

_SPREADSHEETS = frozenset({".xlsx", ".xls", ".xlsm", ".ods", ".numbers"})


@dataclass(frozen=True)
class ImportReport:
    """What a file would do, or did: counts of rows, and every broken rule."""

    new: int
    updated: int
    unchanged: int
    error: int
    errors: list[RowError]
    warnings: list[str] = field(default_factory=list)
    applied: bool = False


def preview(settings: Settings, kind: str, file: Path, company_id: str) -> ImportReport:
    """What applying the file would do. Changes nothing.

    Raises UserError where the company, the kind or the file is not what it should be.
    """
    sheet = _read(settings, kind, file)
    outcome = _judge(settings, kind, company_id, sheet.rows)
    unknown = [f"column {name!r} is unknown and ignored" for name in sheet.unknown_columns]
    return ImportReport(
        outcome.new, outcome.updated, outcome.unchanged, outcome.error, outcome.errors, unknown
    )


def apply(
    settings: Settings, kind: str, file: Path, company_id: str, *, skip_errors: bool = False
) -> ImportReport:
    """Apply the file's good rows and return what was done.

    A file with errors is refused whole, ``applied`` False, unless ``skip_errors``.
    """
    report = preview(settings, kind, file, company_id)
    if report.error and not skip_errors:
        return report
    # dlt takes seconds to import, and a preview does not need it.
    from ingestion.loading.pipeline import run_source, source_of

    root, new = _as_new_file(settings, kind, file, company_id)
    run_source(settings, source_of(Batch(settings, root, lambda *_: Findings([new], []))))
    return replace(report, applied=True)


def dismiss(
    settings: Settings,
    company_id: str,
    external_org_id: str,
    signal_type: str,
    *,
    day: date,
    reason: str | None = None,
    dismissed_by: str | None = None,
) -> ImportReport:
    """Dismiss a signal of an organization as of a day: an import of one row."""
    row = [external_org_id, signal_type, day.isoformat(), reason or "", dismissed_by or ""]
    moment = settings.current_time().strftime("%Y%m%dT%H%M%S%f")
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"dismiss-{moment}.csv"
        with file.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([[*REQUIRED, *OPTIONAL], row])
        return apply(settings, DISMISSALS.name, file, company_id)


def _read(settings: Settings, kind: str, file: Path) -> Sheet:
    if kind not in KINDS:
        raise UserError(f"no import of {kind!r}; choose one of {', '.join(KINDS)}")
    if not file.is_file():
        raise UserError(f"no file {file}")
    if file.suffix.lower() in _SPREADSHEETS:
        raise UserError(f"{file} is a spreadsheet: save the sheet as CSV (UTF-8) and import that")
    zone = LandingZone(str(file.parent.resolve()), settings.limits)
    try:
        stored = stored_file(file.name, file)
        with zone.open(stored, _compression(file)) as stream:
            return read_sheet(stream, KINDS[kind].headers, KINDS[kind].required, zone.limits)
    except UnreadableFileError as error:
        hint = "; save it as CSV (UTF-8)" if error.reason == "unreadable_file" else ""
        raise UserError(f"{file}: {error.reason}: {error.detail}{hint}") from error
    except OSError as error:
        raise UserError(f"{file}: {error}") from error
    except FileChangedError as error:
        raise UserError(f"{file} changed while it was read; try again") from error


def _judge(settings: Settings, kind: str, company_id: str, rows: list[SheetRow]) -> ImportOutcome:
    registry = load_registry(settings)
    registry.company(company_id)
    with work_connection(settings) as (connection, _):
        loaded = LoadedData(connection, settings)
        imports = ImportLoad(loaded, registry, loaded.event_org_ids)
        return imports.apply_rows(KINDS[kind], company_id, rows, "", "")


def _as_new_file(settings: Settings, kind: str, file: Path, company_id: str) -> tuple[str, NewFile]:
    """The file as one of a landing zone: the real one where it lies there, else its folder."""
    file = file.resolve()
    landing = Path(settings.landing)
    root = (
        landing if "://" not in settings.landing and file.is_relative_to(landing) else file.parent
    )
    stored = stored_file(file.relative_to(root).as_posix(), file)
    route = Route(company_id, None, kind, "csv", _compression(file))
    return str(root), NewFile(stored, route, LandingZone(str(root)).checksum(stored))


def _compression(file: Path) -> str | None:
    return "gzip" if file.suffix.lower() == ".gz" else None
