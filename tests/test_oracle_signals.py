"""Signals, their episodes, what changed and what came of it against the oracle.

Every number in these marts is computed twice, by dbt and by ``tests/oracle``, for companies drawn
at random and companies whose values lie exactly on a rule's edge.
"""

from datetime import timedelta

import pytest

from tests.support.compare import differences, report
from tests.support.mart_keys import KEYS
from tests.support.signal_edges import DISMISSED_DAYS_BACK, FIRST_EPISODE, SECOND_EPISODE
from tests.support.worlds import BuiltWorld

MARTS = (
    "signal_scans",
    "signal_episodes",
    "fleet_usage",
    "signals",
    "signals_by_organization",
    "signal_summary",
    "signal_summary_by_type",
    "signal_changes",
    "signal_backtest",
)


@pytest.mark.parametrize("mart", MARTS)
def test_signal_mart_equals_the_oracle(built_worlds: list[BuiltWorld], mart: str) -> None:
    for built in built_worlds:
        found = differences(("company_id", *KEYS[mart]), built.expected[mart], built.rows(mart))
        assert not found, report(f"{mart} as of {built.world.as_of}", found)


@pytest.mark.parametrize("mart", MARTS)
def test_signal_mart_has_something_to_compare(built_worlds: list[BuiltWorld], mart: str) -> None:
    assert any(len(built.expected[mart]) > 20 for built in built_worlds)


def test_the_backtest_has_every_figure_to_compare(built_worlds: list[BuiltWorld]) -> None:
    rows = [row for built in built_worlds for row in built.expected["signal_backtest"]]
    counts = [name for name, value in rows[0].items() if isinstance(value, int)]
    rates = ("precision_rate", "base_rate", "lift", "churned_mrr_share", "median_lead_days")
    for name in (*counts, *rates):
        assert len({row[name] for row in rows} - {None, 0}) > (name != "horizon_days"), name


def test_a_dismissal_holds_for_the_episode_open_on_its_day(built_worlds: list[BuiltWorld]) -> None:
    for built in built_worlds:
        as_of = built.world.as_of
        found = {
            (row["external_org_id"], (as_of - row["opened_on"]).days): row
            for row in built.rows("signal_episodes")
            if (row["company_id"], row["app_id"]) == ("dismissed-days", "all")
            and row["signal_type"] == "inactive_paying"
        }
        for back in DISMISSED_DAYS_BACK:
            for opened_back, last_back in (FIRST_EPISODE, SECOND_EPISODE):
                row = found[f"dismissed-{back}", opened_back]
                is_within = last_back <= back <= opened_back
                assert (row["dismissed_at"] is not None) == is_within, (back, row)
                open_status = "dismissed" if is_within else "active"
                assert row["status"] == ("resolved" if last_back else open_status)
        assert found["twice", 10]["dismissed_at"] == as_of - timedelta(days=8)
        assert found["both", 70]["reason"] == "60"
        assert found["both", 10]["status"] == "dismissed"
        assert found["never", 10]["status"] == "active"


def test_a_dismissal_holds_in_every_application(built_worlds: list[BuiltWorld]) -> None:
    for built in built_worlds:
        statuses = {
            row["app_id"]: row["status"]
            for row in built.rows("signal_episodes")
            if (row["company_id"], row["external_org_id"]) == ("dismissed-days", "dismissed-5")
            and row["signal_type"] == "inactive_paying"
            and row["closed_on"] is None
        }
        assert statuses == {"all": "dismissed", "web": "dismissed", "mobile": "dismissed"}


def test_exact_ratios_and_scores_are_where_the_rules_say(built_worlds: list[BuiltWorld]) -> None:
    for built in built_worlds:
        held = {
            (row["company_id"], row["app_id"], row["signal_type"], row["external_org_id"])
            for row in built.rows("signals")
        }

        def organizations(*scope: str, held: set = held) -> set[str]:
            return {org for *found, org in held if tuple(found) == scope}

        assert organizations("ratios", "web", "usage_drop") == {"10-to-6", "90-to-62"}
        grown = organizations("ratios", "web", "expansion_candidate")
        assert grown == {"10-to-13", "90-to-117", "70-to-91"}
        assert organizations("three-risks", "all", "revenue_at_risk") == {"below-40", "gone"}


def test_neutral_rules_give_exactly_the_days_of_the_condition(
    built_worlds: list[BuiltWorld],
) -> None:
    for built in built_worlds:
        paid_from = built.world.as_of - timedelta(days=100)

        def days(mart: str, built: BuiltWorld = built, since=paid_from, **wanted: str) -> set:
            return {
                (row["app_id"], row["external_org_id"], row["date_day"])
                for row in built.rows(mart)
                if row["company_id"] == "ratios"
                and row["date_day"] >= since
                and wanted.items() <= row.items()
                and (mart == "signal_scans" or _has_dropped(row))
            }

        met = days("organization_metrics_daily")
        assert met
        assert days("signal_scans", signal_type="usage_drop", is_condition_met=True) == met
        assert days("signal_scans", signal_type="usage_drop") == met


def _has_dropped(row: dict) -> bool:
    previous = row["events_previous_30d"]
    return previous >= 10 and 10 * row["events_30d"] < 7 * previous


def test_a_fleet_that_falls_is_no_drop_of_one(built_worlds: list[BuiltWorld]) -> None:
    for built in built_worlds:
        opened = {
            row["external_org_id"]
            for row in built.rows("signal_episodes")
            if (row["company_id"], row["app_id"]) == ("steady", "all")
            and row["signal_type"] == "usage_drop"
        }
        # The median of the five uses half as much: a quarter and less are drops, half is none.
        assert opened == {"most", "fading"}


def test_the_three_revenue_at_risk_differ(built_worlds: list[BuiltWorld]) -> None:
    for built in built_worlds:

        def of_company(mart: str, built: BuiltWorld = built, **filters: str) -> list[dict]:
            wanted = {"company_id": "three-risks", **filters}.items()
            return [row for row in built.rows(mart) if wanted <= row.items()]

        (kpi,) = of_company("revenue_kpis")
        (segment,) = of_company("revenue_health_matrix", segment="revenue_at_risk")
        (signal,) = of_company("signal_summary")
        # KPI: band at_risk. Segment: score below 70 or none, MRR from the median of 120 up.
        # Signal: score below 40, also without a recent event.
        assert kpi["revenue_at_risk"] == 150
        assert segment["mrr"] == 300 + 120 + 150
        assert signal["revenue_at_risk_mrr"] == 150 + 100
