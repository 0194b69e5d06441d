"""The lists that people open first, from the published marts."""

from typing import Any

from orchestration.cli.context import load_settings
from orchestration.cli.marts import Row, company, open_marts, rows
from orchestration.cli.output import (
    percent,
    print_heading,
    print_json,
    print_line,
    print_table,
)

_TREND_MONTHS = 13
_TOP_ORGANIZATIONS = 10


def organizations(company_id: str, *, show_all: bool, as_json: bool) -> int:
    """Organizations with an event in the last 30 days, or all of them."""
    with open_marts(load_settings()) as connection:
        about = company(connection, company_id)
        found = rows(
            connection,
            "select * from marts.organizations where company_id = $1"
            " and ($2 or activity_state = 'active')"
            " order by mrr desc, events_30d desc, external_org_id",
            company_id,
            show_all,
        )
    if as_json:
        print_json(found)
        return 0
    print_heading(about, f"{len(found)} {'organizations' if show_all else 'active organizations'}")
    print_table(
        None,
        [
            "Organization",
            "Name",
            "State",
            "Last seen",
            "Events 30d",
            "Users 30d",
            "Health",
            "Band",
            "MRR",
            "Signals",
        ],
        [
            (
                row["external_org_id"],
                row["display_name"],
                row["activity_state"].replace("_", " "),
                row["last_seen_at"],
                row["events_30d"],
                row["active_users_30d"],
                row["health_score"],
                (row["health_band"] or "").replace("_", " "),
                row["mrr"],
                row["signal_types"].replace(",", ", "),
            )
            for row in found
        ],
        numbers=["Events 30d", "Users 30d", "Health", "MRR"],
    )
    return 0


def revenue(company_id: str, *, as_json: bool) -> int:
    """KPIs, trend, health, segments, products and the largest customers."""
    queries = {
        "kpis": "select * from marts.revenue_kpis where company_id = $1",
        "trend": "select * from marts.mrr_trend where company_id = $1 order by month",
        "movements": "select * from marts.mrr_movements_monthly where company_id = $1"
        " order by month",
        "by_health": "select * from marts.revenue_by_health where company_id = $1"
        " order by mrr desc, health_band",
        "segments": "select * from marts.revenue_health_matrix where company_id = $1"
        " order by mrr desc, segment",
        "products": "select * from marts.revenue_by_product where company_id = $1"
        " order by mrr desc, product_code",
        "top_organizations": "select * from marts.top_revenue_organizations"
        f" where company_id = $1 order by rank limit {_TOP_ORGANIZATIONS}",
    }
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
    _print_trend(found["trend"])
    _print_shares("By health", "health_band", "organizations", found["by_health"])
    _print_shares("Revenue × health", "segment", "organizations", found["segments"])
    print_line(
        "At risk: the KPI is the MRR of organizations in the band at risk; the segment is low"
        " health and MRR from the median up; the signal has its own threshold."
    )
    _print_shares("By product", "product_code", "paying_orgs", found["products"])
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
            for row in found["top_organizations"]
        ],
        numbers=["Rank", "MRR", "Share", "Health"],
    )
    return 0


def _print_kpis(kpis: Row) -> None:
    print_table(
        None,
        ["MRR", "ARR", "Paying", "ARPA", "At risk", "Previous month", "Change", "Rate"],
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
        numbers=["MRR", "ARR", "Paying", "ARPA", "At risk", "Previous month", "Change", "Rate"],
    )


def _print_trend(trend: list[Row]) -> None:
    print_table(
        f"MRR of the last {_TREND_MONTHS} months",
        ["Month", "MRR", "Change", "Rate", "Paying"],
        [
            (
                f"{row['month']:%Y-%m}{' (so far)' if row['is_partial'] else ''}",
                row["mrr"],
                row["mrr_change"],
                percent(row["mrr_change_rate"]),
                row["paying_orgs"],
            )
            for row in trend[-_TREND_MONTHS:]
        ],
        numbers=["MRR", "Change", "Rate", "Paying"],
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
