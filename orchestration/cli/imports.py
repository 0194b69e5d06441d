"""Preview and apply of CSV imports, and dismissals."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.cli.context import load_settings
from orchestration.cli.marts import company, open_marts, rows
from orchestration.cli.output import note, print_json, print_line, print_table
from orchestration.platform.lock import writer_lock

EXIT_ROW_ERRORS = 3
_ERRORS_SHOWN = 50


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


def _as_json(report: Any) -> dict[str, Any]:
    return {
        "new": report.new,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "error": report.error,
        "applied": report.applied,
        "errors": [_error(error) for error in report.errors],
        "warnings": list(report.warnings),
    }


def _error(error: Any) -> dict[str, Any]:
    return {name: getattr(error, name) for name in ("line", "column", "value", "code", "message")}


def _print_report(report: Any, kind: str, file: Path, *, apply: bool) -> None:
    counts = (
        f"{report.new:,} new, {report.updated:,} updated,"
        f" {report.unchanged:,} unchanged, {report.error:,} with errors"
    )
    print_line(f"{file} ({kind}): {counts}")
    for warning in report.warnings:
        print_line(f"warning: {warning}")
    if report.errors:
        print_table(
            None,
            ["Line", "Column", "Value", "Code", "What to do"],
            [tuple(_error(error).values()) for error in report.errors[:_ERRORS_SHOWN]],
            numbers=["Line"],
        )
    if len(report.errors) > _ERRORS_SHOWN:
        print_line(f"... and {len(report.errors) - _ERRORS_SHOWN:,} more (--json lists all)")
        _print_kinds_of_errors(report.errors)
    if report.applied:
        print_line("Applied. `saas-tracker run` takes it into the marts.")
    elif apply:
        print_line("Nothing was applied: mend the file, or apply the good rows with --skip-errors.")
    else:
        print_line("Nothing was changed: this was a preview (--apply writes).")


def _print_kinds_of_errors(errors: list[Any]) -> None:
    """Of a long list: one mistake of a column is often the same in every row."""
    kinds = Counter((error.column, error.code) for error in errors)
    first_lines = {(error.column, error.code): error.line for error in reversed(errors)}
    print_table(
        "All of them, by column and code",
        ["Column", "Code", "Cells", "First line"],
        [(*kind, count, first_lines[kind]) for kind, count in kinds.most_common()],
        numbers=["Cells", "First line"],
    )
