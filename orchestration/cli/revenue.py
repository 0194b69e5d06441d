"""``saas-tracker revenue``: what a company earns, how it changed, and from whom it comes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from orchestration.cli.cohorts import COHORTS, print_cohorts
from orchestration.cli.context import load_settings
from orchestration.cli.marts import Row, company, open_marts, rows
from orchestration.cli.output import percent, print_heading, print_json, print_line, print_table
from orchestration.cli.restatements import RESTATEMENTS

_TOP_ORGANIZATIONS = 10
_BARS = "▁▂▃▄▅▆▇█"
_MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn", "fx")
_CHANGES = {
    "started": "started since",
    "ended": "ended since",
    "net": "net",
    "started_and_ended": "started and ended since",
    "scheduled_start": "will start this month",
    "scheduled_end": "will end this month",
}
_QUERIES = {
    "kpis": "select * from marts.revenue_kpis where company_id = $1",
    "trend": "select * from marts.mrr_trend where company_id = $1 order by month",
    "movements": "select * from marts.mrr_movements_monthly where company_id = $1 order by month",
    "retention": "select * from marts.revenue_retention where company_id = $1 order by month",
    "by_health": "select * from marts.revenue_by_health where company_id = $1"
    " order by mrr desc, health_band",
    "segments": "select * from marts.revenue_health_matrix where company_id = $1"
    " order by mrr desc, segment",
    "products": "select * from marts.revenue_by_product where company_id = $1"
    " order by mrr desc, product_code",
    "changes": "select * from marts.revenue_changes where company_id = $1",
    "restatements": RESTATEMENTS,
    "top_organizations": "select * from marts.top_revenue_organizations where company_id = $1"
    f" order by rank limit {_TOP_ORGANIZATIONS}",
}


def revenue(company_id: str, *, months: int, cohorts: bool, as_json: bool) -> int:
    """KPIs, month over month, retention, trend, health, changes, largest customers, cohorts.

    ``months`` is how many months of the trend, and how many cohorts, are shown.
    """
    queries = {**_QUERIES, **({"cohorts": COHORTS} if cohorts else {})}
    with open_marts(load_settings()) as connection:
        about = company(connection, company_id)
        found: dict[str, Any] = {
            name: rows(connection, query, company_id) for name, query in queries.items()
        }
    found["kpis"] = found["kpis"][0]
    if as_json:
        print_json(found)
        return 0
    print_heading(about, f"amounts in {about['reporting_currency']}")
    _print_kpis(found["kpis"])
    _print_month_over_month(found["movements"], found["kpis"])
    _print_retention(found["retention"])
    _print_trend(found["trend"][-months:])
    _print_shares("By health", "health_band", "organizations", found["by_health"])
    _print_shares("Revenue × health", "segment", "organizations", found["segments"])
    print_line(
        "At risk: the KPI is the MRR of organizations in the band at risk; the segment is low"
        " health and MRR from the median up; the signal has its own threshold."
    )
    _print_shares("By product", "product_code", "paying_orgs", found["products"])
    _print_changes(found["changes"])
    _print_top(found["top_organizations"])
    _print_restatements(found["restatements"], company_id)
    if cohorts:
        print_cohorts(found["cohorts"], months)
    return 0


def sparkline(values: Sequence[Decimal]) -> str:
    """One bar per value, the lowest and the highest as low and high as bars get."""
    low, high = min(values), max(values)
    steps = len(_BARS) - 1
    return "".join(
        _BARS[round(steps * (value - low) / (high - low)) if high > low else 0] for value in values
    )


def _print_kpis(kpis: Row) -> None:
    headings = ["MRR", "ARR", "Paying", "ARPA", "At risk", "Previous month", "Change", "Rate"]
    print_table(
        None,
        headings,
        [
            (
                kpis["mrr"],
                kpis["arr"],
                kpis["paying_orgs"],
                kpis["arpa"],
                kpis["revenue_at_risk"],
                kpis["mrr_previous_month"],
                kpis["mrr_change"],
                percent(kpis["mrr_change_rate"]),
            )
        ],
        numbers=headings,
    )


def _print_month_over_month(movements: list[Row], kpis: Row) -> None:
    if not movements:
        print_line("No subscription has counted yet, so there are no months to compare.")
        return
    month = movements[-1]
    parts = [(name, month[name], month[f"{name}_orgs"]) for name in _MOVEMENTS]
    print_table(
        f"Month over month: how {month['month']:%Y-%m} changed MRR",
        ["", "MRR", "Organizations"],
        [
            ("opening", month["opening_mrr"], None),
            *(part for part in parts if part[2]),
            ("closing", month["closing_mrr"], None),
        ],
        numbers=["MRR", "Organizations"],
    )
    if month["closing_mrr"] != kpis["mrr"]:
        print_line(
            "Months count what was active on any of their days (mrr_month_rule in dbt_project.yml);"
            f" the KPIs are as of {kpis['as_of_date']}."
        )


def _print_retention(retention: list[Row]) -> None:
    if not retention:
        return
    last = retention[-1]
    month = f"{last['month']:%Y-%m}"
    headings = ["NRR", "GRR", "Logo churn", "Quick ratio"]
    print_table(
        "Retention",
        ["", *headings],
        [
            (
                period,
                *(percent(last[name + years]) for name in ("nrr", "grr", "logo_churn_rate")),
                last["quick_ratio" + years],
            )
            for period, years in ((month, ""), (f"12 months to {month}", "_12m"))
        ],
        numbers=headings,
    )
    print_line(
        f"{month} is at constant exchange rates, its own; NRR and GRR of the 12 months compare"
        " amounts\nas reported, so exchange rates move them."
    )


def _print_trend(trend: list[Row]) -> None:
    if not trend:
        return
    amounts = [row["mrr"] for row in trend]
    print_table(
        f"MRR of the last {len(trend)} months",
        ["Month", "MRR", "Change", "Rate", "Paying"],
        [
            (
                f"{row['month']:%Y-%m}{' (so far)' if row['is_partial'] else ''}",
                row["mrr"],
                row["mrr_change"],
                percent(row["mrr_change_rate"]),
                row["paying_orgs"],
            )
            for row in trend
        ],
        numbers=["MRR", "Change", "Rate", "Paying"],
    )
    print_line(
        f"  {trend[0]['month']:%Y-%m} {sparkline(amounts)} {trend[-1]['month']:%Y-%m}"
        f"   lowest {min(amounts):,}, highest {max(amounts):,}"
    )


def _print_shares(title: str, name: str, count: str, found: list[Row]) -> None:
    print_table(
        title,
        ["", "MRR", "Share", "Organizations"],
        [
            (
                row[name].replace("_", " ") if name != "product_code" else row[name],
                row["mrr"],
                percent(row["share_of_mrr"]),
                row[count],
            )
            for row in found
        ],
        numbers=["MRR", "Share", "Organizations"],
    )


def _print_changes(changes: list[Row]) -> None:
    by_type = {row["change_type"]: row for row in changes}
    print_table(
        "Subscriptions started and ended this month, by their dates",
        ["", "MRR", "Subscriptions", "Organizations"],
        [
            (label, row["mrr"], row["subscriptions"], row["organizations"])
            for name, label in _CHANGES.items()
            if (row := by_type.get(name))
        ],
        numbers=["MRR", "Subscriptions", "Organizations"],
    )


def _print_top(found: list[Row]) -> None:
    print_table(
        "Largest customers",
        ["Rank", "Organization", "Name", "MRR", "Share", "Health", "Signals"],
        [
            (
                row["rank"],
                row["external_org_id"],
                row["display_name"],
                row["mrr"],
                percent(row["share_of_mrr"]),
                row["health_score"],
                row["signal_types"].replace(",", ", "),
            )
            for row in found
        ],
        numbers=["Rank", "MRR", "Share", "Health"],
    )


def _print_restatements(found: list[Row], company_id: str) -> None:
    if found:
        months = len({row["month"] for row in found})
        print_line(
            f"Later imports changed the MRR of {months} closed months:"
            f" saas-tracker revenue --company {company_id} --restatements"
        )
