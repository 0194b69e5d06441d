"""Imports from the command line: preview and apply one file, and dismiss one signal."""

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from ingestion.errors import FileChangedError, UnreadableFileError, UserError
from ingestion.imports.dismissals import DISMISSALS, OPTIONAL, REQUIRED
from ingestion.imports.kinds import RowError
from ingestion.imports.load import KINDS, ImportLoad
from ingestion.imports.sheet import Sheet, read_sheet
from ingestion.imports.warnings import ImportWarning
from ingestion.landing.folders import stored_file
from ingestion.landing.layout import Route
from ingestion.landing.manifest import Findings, NewFile
from ingestion.landing.storage import LandingZone
from ingestion.loading.batch import Batch, work_connection
from ingestion.raw.warehouse import LoadedData
from ingestion.reference import load_registry
from ingestion.settings import Settings

MAX_SHOWN = 20  # errors of one code, warnings of one name
Item = TypeVar("Item")
_SPREADSHEETS = frozenset({".xlsx", ".xls", ".xlsm", ".ods", ".numbers"})


@dataclass(frozen=True)
class ImportReport:
    """What a file would do, or did: counts of rows, broken rules, and what may be meant otherwise.

    Of errors of one code and of warnings of one name there are the first ``MAX_SHOWN``, and how
    many ``more``. MRR is that of today, before and after, in ``currency``; None for other kinds.
    """

    new: int
    updated: int
    unchanged: int
    error: int
    errors: list[RowError]
    more_errors: dict[str, int]
    warnings: list[ImportWarning]
    more_warnings: dict[str, int]
    currency: str
    mrr_before: Decimal | None = None
    mrr_after: Decimal | None = None
    applied: bool = False


def preview(settings: Settings, kind: str, file: Path, company_id: str) -> ImportReport:
    """What applying the file would do. Changes nothing.

    Raises UserError where the company, the kind or the file is not what it should be.
    """
    sheet = _read(settings, kind, file)
    registry = load_registry(settings)
    company = registry.company(company_id)
    with work_connection(settings) as (connection, _):
        loaded, today = LoadedData(connection, settings), settings.current_time().date()
        imports = ImportLoad(loaded, registry, loaded.seen_org_ids, today=today)
        outcome = imports.apply_rows(KINDS[kind], company_id, sheet.rows, "", "", sheet=sheet)
    errors, more_errors = _first(outcome.errors, lambda error: error.code)
    warnings, more_warnings = _first(outcome.warnings, lambda warning: warning.warning)
    return ImportReport(
        outcome.new,
        outcome.updated,
        outcome.unchanged,
        outcome.error,
        errors,
        more_errors,
        warnings,
        more_warnings,
        company.reporting_currency,
        *(outcome.mrr or ()),
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


def _first(items: list[Item], name: Callable[[Item], str]) -> tuple[list[Item], dict[str, int]]:
    """The first few items of each name, in their order, and how many more there are."""
    seen: Counter[str] = Counter()
    shown = []
    for item in items:
        seen[name(item)] += 1
        if seen[name(item)] <= MAX_SHOWN:
            shown.append(item)
    return shown, {key: count - MAX_SHOWN for key, count in seen.items() if count > MAX_SHOWN}


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
