"""Preview and apply of CSV imports, and dismissals."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.cli.context import load_settings
from orchestration.cli.marts import company, open_marts, rows
from orchestration.cli.output import note, print_json, print_line, print_table
from orchestration.platform.lock import writer_lock

if TYPE_CHECKING:
    from ingestion.imports.warnings import ImportWarning
    from ingestion.loading.import_file import ImportReport

EXIT_ROW_ERRORS = 3
_FIRST_FIELDS = ("new", "updated", "unchanged", "error", "applied", "mrr_before", "mrr_after")


def import_file(
    kind: str, file: Path, company_id: str, *, apply: bool, skip_errors: bool, as_json: bool
) -> int:
    """Preview or apply a file. Returns 3 where rows have errors, applied or not."""
    from ingestion.loading import import_file

    settings = load_settings()
    if skip_errors and not apply:
        raise UserError("--skip-errors only means something with --apply")
    with _writing(settings, f"import of {file.name}"):
        report = (
            import_file.apply(settings, kind, file, company_id, skip_errors=skip_errors)
            if apply
            else import_file.preview(settings, kind, file, company_id)
        )
    if as_json:
        print_json(_as_json(report))
    else:
        _print_report(report, kind, file, apply=apply)
    return EXIT_ROW_ERRORS if report.error else 0


def dismiss(
    company_id: str, external_org_id: str, signal_type: str, reason: str | None, *, as_json: bool
) -> int:
    """Dismiss the open episode of a signal, on the day of the marts that show it open."""
    from ingestion.loading import import_file

    settings = load_settings()
    day = _day_of_open_episode(settings, company_id, external_org_id, signal_type)
    with _writing(settings, f"dismissal for {external_org_id}"):
        report = import_file.dismiss(
            settings,
            company_id,
            external_org_id,
            signal_type,
            day=day,
            reason=reason,
            dismissed_by=_user_name(),
        )
    if report.errors:
        error = report.errors[0]
        raise UserError(f"{error.value}: {error.message}")
    facts = {
        "company_id": company_id,
        "external_org_id": external_org_id,
        "signal_type": signal_type,
        "dismissed_at": day,
        "reason": reason,
    }
    if as_json:
        print_json(facts)
    else:
        print_line(
            f"{signal_type} of {external_org_id} is dismissed as of {day};"
            " `saas-tracker run` takes it off the list"
        )
    return 0


def _day_of_open_episode(
    settings: Settings, company_id: str, external_org_id: str, signal_type: str
) -> date:
    """The as-of date of the marts. Raises UserError where there is nothing to dismiss on it."""
    with open_marts(settings) as connection:
        day = company(connection, company_id)["as_of_date"]
        organization = [company_id, external_org_id]
        known = rows(
            connection,
            "select 1 from marts.organizations where company_id = $1 and external_org_id = $2",
            *organization,
        )
        open_types = {
            row["signal_type"]: row
            for row in rows(
                connection,
                "select signal_type, status, min(dismissed_at) as dismissed_at"
                " from marts.signal_episodes where company_id = $1 and external_org_id = $2"
                " and closed_on is null group by all order by status desc, signal_type",
                *organization,
            )
        }
    if not known:
        raise UserError(f"{company_id} has no organization {external_org_id!r}; is the id right?")
    row = open_types.get(signal_type)
    if row is None:
        others = ", ".join(sorted(open_types)) or "no signal"
        raise UserError(
            f"{signal_type} of {external_org_id} is not open on {day}, so there is nothing to"
            f" dismiss (open: {others})"
        )
    if row["status"] == "dismissed":
        raise UserError(
            f"{signal_type} of {external_org_id} is dismissed already, on {row['dismissed_at']}"
        )
    return day


def _user_name() -> str | None:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None  # an account without a name, as in some containers


def _writing(settings: Settings, purpose: str) -> Any:
    return writer_lock(settings.warehouse, purpose, note)


def _as_json(report: "ImportReport") -> dict[str, Any]:
    fields = asdict(report)
    return {name: fields.pop(name) for name in _FIRST_FIELDS} | fields


def _print_report(report: "ImportReport", kind: str, file: Path, *, apply: bool) -> None:
    counts = (
        f"{report.new:,} new, {report.updated:,} updated,"
        f" {report.unchanged:,} unchanged, {report.error:,} with errors"
    )
    print_line(f"{file} ({kind}): {counts}")
    if report.mrr_before is not None and report.mrr_after is not None:
        change = report.mrr_after - report.mrr_before
        print_line(
            f"MRR of today in {report.currency}: {report.mrr_before:,.2f} before,"
            f" {report.mrr_after:,.2f} after ({change:+,.2f})"
        )
    if report.warnings:
        print_table(
            "Warnings: nothing is refused for them",
            ["Warning", "Line", "Organization", "Product", "What it is about"],
            [tuple(asdict(warning).values()) for warning in _in_order(report.warnings)],
            numbers=["Line"],
        )
        _print_more(report.more_warnings)
    if report.errors:
        print_table(
            "Errors",
            ["Line", "Column", "Value", "Code", "What to do"],
            [tuple(asdict(error).values()) for error in report.errors],
            numbers=["Line"],
        )
        _print_more(report.more_errors)
    if report.applied:
        print_line("Applied. `saas-tracker run` takes it into the marts.")
    elif apply:
        print_line("Nothing was applied: fix the file, or apply the good rows with --skip-errors.")
    else:
        print_line("Nothing was changed: this was a preview (--apply writes).")


def _in_order(warnings: "list[ImportWarning]") -> "list[ImportWarning]":
    """Warnings of a kind together, in the order in which the kinds come."""
    kinds = list(dict.fromkeys(warning.warning for warning in warnings))
    return sorted(warnings, key=lambda warning: kinds.index(warning.warning))


def _print_more(more: dict[str, int]) -> None:
    for name, count in more.items():
        print_line(f"... and {count:,} more of {name}")
