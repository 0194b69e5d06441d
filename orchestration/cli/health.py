"""``saas-tracker health``: how healthy customers are, who changed band, what the score is worth."""

from typing import Any

from orchestration.cli.context import load_settings
from orchestration.cli.marts import Row, company, open_marts, rows
from orchestration.cli.output import (
    interval,
    percent,
    print_heading,
    print_json,
    print_line,
    print_table,
)

_DAYS = 30
_SHOWN = 15
_BANDS = "array_position(['healthy', 'watch', 'at_risk', 'no_recent_activity'], health_band)"
_RANKINGS = "array_position(['health_score', 'usage_ratio', 'mrr', 'tenure', 'random'], ranking)"
_ORDERS = {
    "health_score": "health score, lowest first",
    "usage_ratio": "usage ratio, lowest first",
    "mrr": "MRR, largest first",
    "tenure": "newest customers first",
    "random": "any order",
}
_QUERIES = {
    # The distribution on D and so many days earlier.
    "distribution": f"""
        select health_band, now.organizations, earlier.organizations as organizations_earlier,
            revenue.mrr, revenue.share_of_mrr
        from marts.health_distribution as now
        left join (from marts.health_distribution where date_day = $2 - interval {_DAYS} day)
            as earlier using (company_id, app_id, health_band)
        left join marts.revenue_by_health as revenue using (company_id, health_band)
        where company_id = $1 and app_id = 'all' and now.date_day = $2
        order by {_BANDS}""",
    "changes": f"""
        select changes.external_org_id, organizations.display_name, changed_on,
            health_band_before, changes.health_band, direction, health_score_before,
            changes.health_score, main_mover, moves, organizations.mrr
        from marts.organization_health_changes as changes
        left join marts.organizations using (company_id, external_org_id)
        where company_id = $1 and app_id = 'all' and is_current
            and changed_on > $2 - interval {_DAYS} day
        order by direction, organizations.mrr desc, changed_on desc, external_org_id""",
    "scorecard": f"select * from marts.health_scorecard where company_id = $1 order by {_BANDS}",
    "rankings": f"select * from marts.score_rankings where company_id = $1 order by {_RANKINGS}",
}


def health(company_id: str, *, as_json: bool) -> int:
    """Distribution, changes of the band with their reasons, scorecard and verdict."""
    with open_marts(load_settings()) as connection:
        about = company(connection, company_id)
        found: dict[str, Any] = {
            name: rows(connection, query, company_id, about["as_of_date"])
            for name, query in _QUERIES.items()
        }
    by_ranking = {row["ranking"]: row for row in found["rankings"]}
    found["verdict"] = by_ranking["health_score"]["verdict"]
    found["in_words"] = _verdict(by_ranking)
    if as_json:
        print_json(found)
        return 0
    print_heading(about, "health of the customer organizations")
    _print_distribution(found["distribution"], about["reporting_currency"])
    _print_changes(found["changes"])
    _print_scorecard(found["scorecard"])
    _print_rankings(found["rankings"])
    print_line(found["in_words"])
    return 0


def _print_distribution(found: list[Row], currency: str) -> None:
    columns = ["Organizations", f"{_DAYS} days ago", f"MRR in {currency}", "Share of MRR"]
    print_table(
        "Distribution",
        ["Band", *columns],
        [
            (
                row["health_band"],
                row["organizations"],
                row["organizations_earlier"],
                row["mrr"],
                percent(row["share_of_mrr"]),
            )
            for row in found
        ],
        numbers=columns,
    )


def _print_changes(found: list[Row]) -> None:
    if not found:
        print_line(f"No organization changed its band in the last {_DAYS} days.")
        return
    print_table(
        f"Changed band in the last {_DAYS} days, and why",
        ["Day", "Organization", "Name", "From", "To", "Score", "MRR", "Moved by"],
        [
            (
                row["changed_on"],
                row["external_org_id"],
                row["display_name"],
                row["health_band_before"],
                row["health_band"],
                f"{_score(row['health_score_before'])} → {_score(row['health_score'])}",
                row["mrr"],
                row["moves"],
            )
            for row in found[:_SHOWN]
        ],
        numbers=["Day", "Score", "MRR"],
    )
    if len(found) > _SHOWN:
        print_line(f"... and {len(found) - _SHOWN} more: --json has all of them.")


def _score(score: float | None) -> str:
    return "none" if score is None else f"{score:.1f}"


def _print_scorecard(found: list[Row]) -> None:
    columns = ["Judged", "Paid less later", "Loss rate", "95 % interval", "MRR lost"]
    print_table(
        "What became of them: band at a month end, MRR 90 days later",
        ["Band", *columns],
        [
            (
                row["health_band"],
                row["organization_months"],
                row["lost"],
                percent(row["loss_rate"]),
                interval(row["loss_rate_low"], row["loss_rate_high"]),
                row["mrr_lost"],
            )
            for row in found
        ],
        numbers=columns,
    )


def _print_rankings(found: list[Row]) -> None:
    columns = ["AUC", "95 % interval", "Right in the first tenth", "MRR lost that it captures"]
    print_table(
        "Does the score find the losses? Against orders that need no score",
        ["Order", *columns],
        [
            (
                _ORDERS[row["ranking"]],
                "" if row["auc"] is None else f"{row['auc']:.2f}",
                "" if row["auc"] is None else f"{row['auc_low']:.2f}-{row['auc_high']:.2f}",
                percent(row["precision_top_decile"]),
                percent(row["mrr_captured_top_decile"]),
            )
            for row in found
        ],
        numbers=columns,
    )


def _verdict(rankings: dict[str, Row]) -> str:
    """What the score is worth, in one plain sentence."""
    score, by_mrr = rankings["health_score"], rankings["mrr"]
    judged = f"{score['organization_months']:,} organization-months"
    if score["verdict"] == "too_few_losses":
        return (
            f"Too early to say what the health score is worth: {score['lost']} losses in {judged},"
            " and 30 are needed."
        )
    if score["verdict"] == "no_better_than_chance":
        return (
            "The health score is no better than chance at finding customers that will pay less"
            f" (AUC {score['auc']:.2f}, at least {score['auc_low']:.2f}; 0.50 is chance)."
        )
    captured = percent(score["mrr_captured_top_decile"])
    if score["verdict"] == "no_better_than_sorting_by_mrr":
        return (
            "The health score is no better than sorting by MRR: its lowest tenth held"
            f" {captured} of the MRR lost, the largest tenth"
            f" {percent(by_mrr['mrr_captured_top_decile'])}."
        )
    return (
        f"The health score is useful: its lowest tenth held {captured} of the MRR lost in {judged},"
        f" the largest tenth {percent(by_mrr['mrr_captured_top_decile'])}, any tenth"
        f" {percent(rankings['random']['mrr_captured_top_decile'])}."
    )
