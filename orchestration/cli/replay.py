"""``rejects replay``: preview and apply of another try for what was quarantined."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from orchestration.cli.context import load_settings
from orchestration.cli.imports import EXIT_ROW_ERRORS
from orchestration.cli.output import note, print_json, print_line, print_table
from orchestration.platform.lock import writer_lock

if TYPE_CHECKING:
    from ingestion.replay import ReplayReport
    from ingestion.replay.report import ReplayedFile

_FIGURES = ("rows", "accepted", "duplicate", "refused", "gone")
_SHOWN = 30
_STILL_REFUSED = (
    "The run judges a whole file like any load. If it holds the company back because too many of"
    " the rows are refused, and the rest is good, give one run another limit:\n"
    "SAAS_TRACKER_QUALITY_MAX_REJECTED_SHARE=1 saas-tracker run"
)


def replay(
    company_id: str | None,
    *,
    path: str | None,
    reason: str | None,
    apply: bool,
    as_json: bool,
) -> int:
    """Preview or apply a replay. Returns 3 where anything that was meant stays in quarantine."""
    from ingestion import replay as replays
    from ingestion.reference import load_registry

    settings = load_settings()
    if company_id is not None:
        load_registry(settings).company(company_id)
    selection = replays.Selection(company_id, path, reason)
    with writer_lock(settings.warehouse, "replay of rejects", note):
        report = (replays.apply if apply else replays.preview)(settings, selection)
    if as_json:
        print_json(_as_json(report))
    else:
        _print_report(report, apply=apply)
    return EXIT_ROW_ERRORS if report.leaves_anything else 0


def _as_json(report: "ReplayReport") -> dict[str, Any]:
    return {
        **{name: report.count(name) for name in _FIGURES},
        "applied": report.applied,
        "files": [
            {
                "company_id": file.company_id,
                "source": file.source,
                "path": file.path,
                "is_whole_file": file.is_whole_file,
                **{name: getattr(file, name) for name in _FIGURES},
                "reasons": dict(file.reasons),
            }
            for file in report.files
        ],
    }


def _print_report(report: "ReplayReport", *, apply: bool) -> None:
    if not report.files:
        print_line("Nothing in quarantine is meant by this (`saas-tracker rejects` lists it).")
        return
    print_table(
        None,
        ["Company", "File", "Rows", "Good now", "There already", "Rejected", "Gone", "Why still"],
        [_row(file) for file in report.files[:_SHOWN]],
        numbers=["Rows", "Good now", "There already", "Rejected", "Gone"],
    )
    if len(report.files) > _SHOWN:
        print_line(f"... and {len(report.files) - _SHOWN:,} more files (--json lists all)")
    if report.count("gone"):
        print_line(
            "Gone: the file is no longer in the landing zone and its text was not kept whole."
        )
    if report.applied:
        print_line("Loaded. `saas-tracker run` takes it into the marts.")
        if any(file.is_whole_file and file.refused for file in report.files):
            print_line(_STILL_REFUSED)
    elif not report.changes_anything:
        print_line("Nothing to load: what was wrong is not corrected yet.")
    elif not apply:
        print_line("Nothing was changed: this was a preview (--apply loads).")


def _row(file: "ReplayedFile") -> Sequence[Any]:
    figures = [getattr(file, name) for name in _FIGURES]
    whole = " (the whole file)" if file.is_whole_file else ""
    return (file.company_id, file.path + whole, *figures, ", ".join(sorted(file.reasons)))
