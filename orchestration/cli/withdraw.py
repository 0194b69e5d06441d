"""``withdraw``: preview and apply of a withdrawal."""

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from orchestration.cli.context import load_settings
from orchestration.cli.output import note, print_json, print_line, print_table
from orchestration.platform.lock import writer_lock

if TYPE_CHECKING:
    from ingestion.withdrawal import WithdrawalReport
    from ingestion.withdrawal.report import CompanyEffect

_SHOWN = 20


def withdraw(what: str, company_id: str | None, *, apply: bool, as_json: bool) -> int:
    """Preview or apply a withdrawal."""
    from ingestion import withdrawal

    settings = load_settings()
    with writer_lock(settings.warehouse, f"withdrawal of {what}", note):
        run = withdrawal.apply if apply else withdrawal.preview
        report = run(settings, what, company_id)
    if as_json:
        print_json(_as_json(report))
    else:
        _print_report(report, apply=apply)
    return 0


def _as_json(report: "WithdrawalReport") -> dict[str, Any]:
    return asdict(report)


def _print_report(report: "WithdrawalReport", *, apply: bool) -> None:
    if report.withdrawn_at is not None:
        print_line(f"{report.target} was withdrawn on {report.withdrawn_at:%Y-%m-%d %H:%M} UTC.")
        return
    if report.files:
        print_table(
            None,
            ["Company", "File", "Kind", "Load", "Rows", "Rejected"],
            [
                (f.company_id, f.path, f.kind, f.load_id, f.rows_accepted, f.rows_rejected)
                for f in report.files[:_SHOWN]
            ],
            numbers=["Rows", "Rejected"],
        )
    if len(report.files) > _SHOWN:
        print_line(f"... and {len(report.files) - _SHOWN:,} more files (--json lists all)")
    if report.rejected_files:
        print_line(f"Files that were refused: {report.rejected_files:,}")
    for effect in report.companies:
        for line in _effect_lines(effect):
            print_line(f"{effect.company_id}: {line}")
    _print_paths("Later files that are read again, for what they sent, too", report.read_again)
    _print_paths(
        "Gone from the landing zone: what they sent, too, and changed nothing then is lost",
        report.gone,
    )
    if report.applied:
        print_line("Withdrawn. `saas-tracker run` takes it out of the marts.")
        print_line("The file is not loaded again unless its content or its path changes.")
    elif not apply:
        print_line("Nothing was changed: this was a preview (--apply withdraws).")


def _effect_lines(effect: "CompanyEffect") -> list[str]:
    lines = []
    if effect.events:
        days = f"{effect.first_day} to {effect.last_day}"
        lines.append(
            f"{effect.events - effect.returning_events:,} events of"
            f" {effect.organizations_with_events:,} organizations go ({days});"
            f" {effect.returning_events:,} stay, because other files sent them, too"
        )
    counts = {
        "calls": effect.calls,
        "earlier receipts": effect.receipts,
        "versions of organizations": effect.organization_versions,
        "versions of subscriptions": effect.subscription_versions,
        "versions of dismissals": effect.dismissal_versions,
        "rejected rows": effect.rejected_rows,
    }
    if found := [f"{count:,} {name}" for name, count in counts.items() if count]:
        lines.append(f"{', '.join(found)} go")
    for currency in sorted({*effect.mrr_before, *effect.mrr_after}):
        before, after = (
            mrr.get(currency, Decimal(0)) for mrr in (effect.mrr_before, effect.mrr_after)
        )
        if before != after:
            lines.append(f"MRR today {before:,.2f} {currency} becomes {after:,.2f} {currency}")
    return lines


def _print_paths(title: str, paths: list[str]) -> None:
    if not paths:
        return
    more = f" and {len(paths) - _SHOWN:,} more" if len(paths) > _SHOWN else ""
    print_line(f"{title}: {', '.join(paths[:_SHOWN])}{more}")
