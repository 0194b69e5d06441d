"""Who needs attention now, and the digest of what has changed."""

from datetime import date, timedelta
from typing import Any

from orchestration.cli.context import load_settings
from orchestration.cli.marts import Row, company, open_marts, rows
from orchestration.cli.output import print_csv, print_heading, print_json, print_line, print_table
from orchestration.serving.digest import changes_since, count_changes

_EXPLAINED = 10
_THREE_RISKS = (
    "revenue_at_risk is the signal here: the health score is below its threshold. The segment and"
    " the KPI of that name are other rules with other sums (saas-tracker revenue)."
)


def current(company_id: str, *, as_json: bool, as_csv: bool) -> int:
    """One row per organization with an active signal, by priority."""
    with open_marts(load_settings()) as connection:
        about = company(connection, company_id)
        found = rows(
            connection,
            "select * from marts.signals_by_organization where company_id = $1"
            " order by priority desc, external_org_id",
            company_id,
        )
        active = rows(
            connection,
            "select external_org_id, signal_type, opened_on, days_open, is_condition_met,"
            " explanation from marts.signals where company_id = $1 and app_id = 'all'"
            " order by external_org_id, priority desc, signal_type",
            company_id,
        )
        columns = _columns(connection, "signals_by_organization")
    by_org: dict[str, list[Row]] = {row["external_org_id"]: [] for row in found}
    for signal in active:
        by_org[signal.pop("external_org_id")].append(signal)
    if as_json:
        found = [row | {"signals": by_org[row["external_org_id"]]} for row in found]
    if as_json or as_csv:
        return _print_rows(found, columns, as_json=as_json)
    print_heading(about, f"{len(found)} organizations with active signals")
    print_table(
        None,
        ["Priority", "Organization", "Name", "Case", "Signals", "MRR", "Health", "Last seen"],
        [
            (
                row["priority"],
                row["external_org_id"],
                row["display_name"],
                row["case_type"],
                row["signal_types"].replace(",", ", "),
                row["mrr"],
                row["health_score"],
                row["last_seen_at"],
            )
            for row in found
        ],
        numbers=["Priority", "MRR", "Health"],
    )
    for row in found[:_EXPLAINED]:
        print_line(f"{row['external_org_id']}:")
        for signal in by_org[row["external_org_id"]]:
            print_line(f"  {_since(signal)} {signal['explanation']}")
    if any("revenue_at_risk" in row["signal_types"] for row in found):
        print_line(_THREE_RISKS)
    return 0


def _since(signal: Row) -> str:
    """Which signal, since when, and whether by its condition or because it has not closed."""
    easing = "" if signal["is_condition_met"] else ", easing but not closed"
    return f"{signal['signal_type']} since {signal['opened_on']}{easing}:"


def changes(company_id: str, since: "int | date", *, as_json: bool, as_csv: bool) -> int:
    """What opened, was dismissed and closed: in so many days up to D, or from a day on.

    What opened and closed within a week since then is left out.
    """
    with open_marts(load_settings()) as connection:
        about = company(connection, company_id)
        first_day = _first_day(since, about["as_of_date"])
        found = changes_since(connection, company_id, first_day)
        columns = _columns(connection, "signal_changes")
    if as_json or as_csv:
        return _print_rows(found, columns, as_json=as_json)
    kinds = {kind: [r for r in found if r["change"] == kind] for kind in _WHY}
    print_heading(about, f"signals since {first_day}: {count_changes(found)}")
    for kind, of_kind in kinds.items():
        if of_kind:
            _print_changes(kind, of_kind)
    if any(row["signal_type"] == "revenue_at_risk" for row in found):
        print_line(_THREE_RISKS)
    return 0


def _first_day(since: "int | date", as_of: date) -> date:
    if isinstance(since, date):
        return since
    return as_of - timedelta(days=min(since - 1, (as_of - date.min).days))


def _print_changes(kind: str, found: list[Row]) -> None:
    print_table(
        kind.capitalize(),
        ["Day", "Organization", "Name", "Signal", "MRR", "Priority", "Why"],
        [
            (
                row["changed_on"],
                row["external_org_id"],
                row["display_name"],
                row["signal_type"],
                row["mrr"],
                row["priority"],
                _WHY[kind](row),
            )
            for row in found
        ],
        numbers=["Day", "MRR", "Priority"],
    )


def _why_opened(row: Row) -> str:
    if row["status"] == "resolved":
        return f"closed again after {_days(row)}"
    return row["explanation"] or "dismissed since"


def _why_dismissed(row: Row) -> str:
    by = f"by {row['dismissed_by']}" if row["dismissed_by"] else ""
    words = ": ".join(part for part in (by, row["reason"]) if part)
    return f"{words} (closed since)" if row["status"] == "resolved" else words


def _why_closed(row: Row) -> str:
    return f"after {_days(row)}" + ("" if row["is_paying"] else "; the organization does not pay")


def _days(row: Row) -> str:
    return f"{row['days_held']} day{'' if row['days_held'] == 1 else 's'}"


_WHY = {"opened": _why_opened, "dismissed": _why_dismissed, "closed": _why_closed}


def _columns(connection: Any, mart: str) -> list[str]:
    return [row["column_name"] for row in rows(connection, f"describe marts.{mart}")]


def _print_rows(found: list[Row], columns: list[str], *, as_json: bool) -> int:
    if as_json:
        print_json(found)
    else:
        print_csv(columns, found)
    return 0
