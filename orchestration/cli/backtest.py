"""The backtest of the signals, as it is and with other rules."""

from typing import Any

from orchestration.cli.context import load_settings
from orchestration.cli.marts import Row, company, open_marts, rows
from orchestration.cli.output import (
    interval,
    note,
    percent,
    print_heading,
    print_json,
    print_line,
    print_table,
)

_NUMBERS = [
    "Episodes",
    "Judged",
    "Came true",
    "Precision",
    "95 % interval",
    "Without it",
    "Lift",
    "Churn seen before",
    "Lead days",
]
_LEGEND = (
    "Judged: episodes whose {days} days are over. Came true: less MRR after a risk, more after"
    " another signal. Without it: the same of organizations that paid and did not have the signal"
    " on those days. Lift: the one divided by the other. docs/signals.md defines every figure."
)


def backtest(company_id: str, changes: dict[tuple[str, str], str], *, as_json: bool) -> int:
    """Print the mart, or compare it with what it would be under other rules."""
    return _compare(company_id, changes, as_json) if changes else _current(company_id, as_json)


def _current(company_id: str, as_json: bool) -> int:
    with open_marts(load_settings()) as connection:
        about = company(connection, company_id)
        found = rows(
            connection,
            "select * from marts.signal_backtest where company_id = $1 order by signal_type",
            company_id,
        )
    if as_json:
        print_json(found)
        return 0
    print_heading(about, "what became of organizations after past signals")
    print_table(None, ["Signal", "Foretells", *_NUMBERS], _lines(found), numbers=_NUMBERS)
    print_line(_LEGEND.format(days=found[0]["horizon_days"]))
    return 0


def _compare(company_id: str, changes: dict[tuple[str, str], str], as_json: bool) -> int:
    from orchestration.transformation.what_if import backtest_with

    note("computing the backtest with these rules on a copy; this takes some seconds")
    result = backtest_with(load_settings(), company_id, changes)
    if as_json:
        print_json(result.facts())
        return 0
    print_heading(result.company, "the backtest as it is, and with")
    for change in result.changes:
        value_now = "without a row" if change.value_now is None else f"{change.value_now:g}"
        print_line(f"  {change.name} = {change.value:g} (now {value_now})")
    for warning in result.warnings:
        note(f"warning: {warning}")
    differing = [
        (now, then) for now, then in zip(result.current, result.changed, strict=True) if now != then
    ]
    if not differing:
        print_line("No figure differs.")
        return 0
    lines = []
    for now, then in differing:
        for label, line in zip(("as it is", "changed"), _lines([now, then]), strict=True):
            lines.append((line[0] if label == "as it is" else "", label, *line[2:]))
    print_table(None, ["Signal", "Rules", *_NUMBERS], lines, numbers=_NUMBERS)
    print_line(_LEGEND.format(days=result.current[0]["horizon_days"]))
    print_line("Nothing was changed: seeds/signal_rules.csv holds the rules.")
    return 0


def _lines(found: list[Row]) -> list[tuple[Any, ...]]:
    return [
        (
            row["signal_type"],
            {"lost": "less MRR", "grown": "more MRR"}[row["outcome"]],
            row["episodes"],
            row["episodes_judged"],
            row[f"episodes_{row['outcome']}"],
            percent(row["precision_rate"]),
            interval(row["precision_low"], row["precision_high"]),
            percent(row["base_rate"]),
            row["lift"],
            percent(row["churned_mrr_share"]),
            row["median_lead_days"],
        )
        for row in found
    ]
