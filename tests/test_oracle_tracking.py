"""Traits, users, groups, the tracking plan, trials, cost and quality against the oracle."""

import pytest

from tests.support.compare import differences, report
from tests.support.mart_keys import KEYS
from tests.support.worlds import BuiltWorld

MARTS = (
    "trait_history",
    "group_hierarchy",
    "tracking_plan_events",
    "tracking_plan_issues",
    "users",
    "user_accounts",
    "groups",
    "mtu_monthly",
    "trials",
    "invitations",
    "group_metrics_daily",
    "accounts",
    "billing_discrepancies",
    "telemetry_quality",
)
SENTENCES = {
    "tracking_plan_issues": ("advice",),
    "billing_discrepancies": ("explanation",),
    "telemetry_quality": ("evidence", "advice"),
}


@pytest.mark.parametrize("mart", MARTS)
def test_tracking_mart_equals_the_oracle(built_worlds: list[BuiltWorld], mart: str) -> None:
    for built in built_worlds:
        found = differences(("company_id", *KEYS[mart]), built.expected[mart], built.rows(mart))
        assert not found, report(f"{mart} as of {built.world.as_of}", found)


@pytest.mark.parametrize("mart", MARTS)
def test_tracking_mart_has_something_to_compare(built_worlds: list[BuiltWorld], mart: str) -> None:
    assert any(len(built.expected[mart]) > 20 for built in built_worlds)


@pytest.mark.parametrize("mart", SENTENCES)
def test_what_people_read_is_a_sentence(built_worlds: list[BuiltWorld], mart: str) -> None:
    for row in built_worlds[0].rows(mart):
        for column in SENTENCES[mart]:
            assert row[column].strip().endswith("."), row


def test_every_issue_and_discrepancy_occurs(built_worlds: list[BuiltWorld]) -> None:
    """The worlds show each kind of what the definitions list."""
    expected = built_worlds[0].expected
    assert {row["issue"] for row in expected["tracking_plan_issues"]} == {
        *("unplanned", "near_miss", "never_seen", "pii_in_property", "group_missing"),
        *("property_missing", "property_wrong_type", "property_not_allowed"),
        *("property_not_hashed", "property_near_miss", "no_account", "group_undefined"),
        *("group_conflict", "group_level_wrong", "trait_missing", "trait_wrong_type"),
    }
    assert {row["discrepancy"] for row in expected["billing_discrepancies"]} == {
        *("mrr_differs", "mrr_without_subscription", "subscription_without_mrr"),
        *("plan_differs", "plan_behind_event", "upgrade_without_expansion"),
        *("downgrade_without_contraction", "conversion_without_subscription"),
        *("subscription_without_conversion", "paying_without_calls"),
    }
    found = ",".join(row["issues"] for row in expected["groups"]).split(",")
    assert set(found) - {""} == {
        *("circle", "imported_below_account", "missing_parent", "no_account_above"),
        *("several_types", "too_deep", "undefined"),
    }
    statuses = {row["status"] for row in expected["trials"]}
    assert statuses == {"converted", "not_converted", "superseded", "active", "overdue"}
    statuses = {row["status"] for row in expected["invitations"]}
    assert statuses == {"joined", "open", "expired", "uninvited"}
    states = {row["activation_state"] for row in expected["accounts"]}
    assert states == {"not_defined", "activated", "pending", "missed"}
    decided = {r["status"] for r in expected["telemetry_quality"] if r["rule"].startswith("per_")}
    assert decided == {"good", "warning", "bad", "not_measured"}
