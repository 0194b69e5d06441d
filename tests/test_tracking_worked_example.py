"""The marts of tracking of the telemetry standard's worked example, and edges, row by row."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.oracle.calls.values import sha256
from tests.oracle.company import Company
from tests.oracle.inputs import CompanyInputs, read_seeds
from tests.oracle.tracking.marts import TRACKING_MARTS, Tracking
from tests.support import worked_example as example
from tests.support.call_edges import company_of
from tests.support.call_group_edges import ALL_EDGES
from tests.support.call_rows import add_calls, call_file
from tests.support.call_shapes import Call, Shapes
from tests.support.company_rows import CompanyRows, World
from tests.support.mart_keys import KEYS
from tests.support.worlds import PROJECT_SEEDS

Rows = dict[str, list[dict[str, Any]]]
PARTS = (example.segment_groups(), example.segment_calls(), example.other_vendors())
USER = sha256("usr_1")
D = date(2025, 3, 1)


def _marts(company: CompanyRows) -> Rows:
    world = World(company.as_of, (company,), {})
    seeds = read_seeds(PROJECT_SEEDS)
    seeds |= world.seed_rows(seeds)
    inputs = CompanyInputs(company.company_id, company.as_of, world.raw_rows(), seeds)
    tracking = Tracking(Company(inputs))
    return {
        mart: sorted(rows_of(tracking), key=lambda row: str([row[k] for k in KEYS[mart]]))
        for mart, rows_of in TRACKING_MARTS.items()
    }


def _example(*parts: list[Call]) -> Rows:
    company = CompanyRows("acme", example.AS_OF)
    company.application("web")
    company.organization("acc_456", (example.IMPORTED_AT, "Account 456"))
    applied = {"applied_at": example.IMPORTED_AT}
    company.subscription("acc_456", "1000", date(2026, 3, 1), **applied)
    add_calls(company, *(call_file(calls, f"{n}.jsonl") for n, calls in enumerate(parts)))
    return _marts(company)


@pytest.fixture(scope="module")
def marts() -> Rows:
    return _example(*PARTS)


def _found(rows: list[dict[str, Any]], key: str, *columns: str) -> dict[str, Any]:
    return {
        row[key]: tuple(row[c] for c in columns) if len(columns) > 1 else row[columns[0]]
        for row in rows
    }


def test_groups_of_the_worked_example(marts) -> None:
    columns = ("events_30d", "external_org_id", "mrr", "issues")
    assert _found(marts["groups"], "group_id", *columns) == {
        "proj_123": (3, "acc_999", Decimal("0.00"), ""),
        "ws_789": (4, "acc_999", Decimal("0.00"), "missing_parent"),
        "acc_456": (8, "acc_456", Decimal("1000.00"), ""),
        "acc_999": (1, "acc_999", Decimal("0.00"), "undefined"),
        "ws_999": (1, "ws_999", Decimal("0.00"), "undefined"),
    }
    days = [row for row in marts["group_metrics_daily"] if row["app_id"] == "all"]
    tops = dict.fromkeys({row["group_id"] for row in days}, 0)
    for row in days:
        tops[row["group_id"]] += row["top_events"]
    assert tops == {"acc_456": 8, "acc_999": 1, "ws_999": 1, "ws_789": 0, "proj_123": 0}


def test_hierarchy_of_the_worked_example(marts) -> None:
    rows = [row for row in marts["group_hierarchy"] if row["group_id"] == "proj_123"]
    found = {
        (row["ancestor_group_id"], f"{row['valid_from']:%m-%d}"): row["valid_to"]
        and f"{row['valid_to']:%m-%d}"
        for row in rows
    }
    assert found == {
        ("proj_123", "01-01"): None,
        ("ws_789", "01-01"): None,
        ("acc_456", "01-01"): "03-10",
        ("acc_999", "03-10"): None,
    }


def test_users_of_the_worked_example(marts) -> None:
    rows = [row for row in marts["user_accounts"] if row["user_hash"] == USER]
    columns = ("events", "role", "role_weight", "weighted_events_30d")
    assert _found(rows, "external_org_id", *columns) == {
        "acc_456": (4, "Admin", 3, 12),
        "acc_999": (1, None, 1, 1),
    }


def test_billing_of_the_worked_example(marts) -> None:
    columns = ("expected", "observed", "difference")
    assert _found(marts["billing_discrepancies"], "discrepancy", *columns) == {
        "mrr_differs": ("1000.00", "1200.00", Decimal("200.00")),
        "plan_differs": ("base", "enterprise", None),
    }


def test_plan_of_the_worked_example(marts) -> None:
    seen = [row for row in marts["tracking_plan_events"] if row["calls"]]
    assert sum(row["calls"] for row in seen) == 11
    assert sum(row["events"] for row in seen) == 10
    assert sum(row["unattributed"] for row in seen) == 1
    issues = {
        row["issue"]: row["example_id"].split(":")[1]
        for row in marts["tracking_plan_issues"]
        if row["issue"] in ("no_account", "group_conflict")
    }
    assert issues == {"no_account": "e5", "group_conflict": "e8"}


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0)])
def test_any_order_makes_the_same_rows(marts, order) -> None:
    assert _example(*(PARTS[number] for number in order)) == marts


def test_trials_of_the_worked_example() -> None:
    make = Shapes(example.AS_OF)

    def sent(name: str, day: int, event: str, **properties: Any) -> Call:
        account = name[:2]
        back = 31 - day
        return make.track(name, back, "u", account, f"trial.{event}", properties=properties)

    calls = [
        sent("t1-start", 1, "started", trial_days=14, plan_trialing="pro"),
        sent("t1-end", 12, "ended", converted=True, plan_selected="pro"),
        sent("t2-start", 10, "started", trial_days=14),
        sent("t3-end", 5, "ended", converted=False),
    ]
    company = CompanyRows("acme", example.AS_OF)
    company.application("web")
    add_calls(company, call_file(calls))
    rows = {row["external_org_id"]: row for row in _marts(company)["trials"]}
    assert (rows["t1"]["status"], rows["t1"]["days"]) == ("converted", 11)
    assert (rows["t2"]["status"], rows["t2"]["days"]) == ("overdue", 21)
    assert rows["t2"]["expected_end_at"].date() == date(2026, 3, 24)
    assert (rows["t3"]["status"], rows["t3"]["started_at"]) == ("not_converted", None)


# By edge: the issues of its groups that have any.
GROUP_ISSUES = {
    "vendors without hierarchy": {
        "acc": "undefined",
        "ws": "no_account_above,undefined",
        "ws_alone": "no_account_above,undefined",
    },
    "a child is imported as an organization of its own": {"child": "imported_below_account"},
    "a group that is named on events and never created": {
        **dict.fromkeys(("bare", "typed", "imported-org", "42", "sq"), "undefined"),
        "p": "no_account_above,undefined",
    },
    "circle, self-parent": {"self": "circle,no_account_above"},
    "chain over 10": {
        "g11": "no_account_above,too_deep",
        "g12": "no_account_above,too_deep",
        **dict.fromkeys([f"c{n:02}" for n in range(11)], "no_account_above,too_deep"),
    },
    "parent never defined, parent removed": {
        "acc": "undefined",
        "ws": "no_account_above",
        "p": "no_account_above",
        "untyped": "missing_parent",
    },
}


@pytest.mark.parametrize("name", GROUP_ISSUES)
def test_groups_at_the_edge_have_issues(name: str) -> None:
    rows = _marts(company_of("edge", ALL_EDGES[name](Shapes(D)), D))["groups"]
    found = {row["group_id"]: row["issues"] for row in rows if row["issues"]}
    assert found == GROUP_ISSUES[name]


# By edge: issues of events, each with the calls in which it is.
EVENT_ISSUES = {
    "workspace or account left over in $groups after a switch": {"group_conflict": 2},
    "plan.upgraded sent at workspace level": {"group_level_wrong": 1},
    "vendors without hierarchy": {"group_undefined": 4},
}


@pytest.mark.parametrize("name", EVENT_ISSUES)
def test_events_at_the_edge_have_issues(name: str) -> None:
    rows = _marts(company_of("edge", ALL_EDGES[name](Shapes(D)), D))["tracking_plan_issues"]
    for issue, calls in EVENT_ISSUES[name].items():
        assert sum(row["occurrences"] for row in rows if row["issue"] == issue) == calls, issue


def test_server_group_calls_make_no_users() -> None:
    make = Shapes(D)
    company = CompanyRows("acme", D)
    company.application("web")
    server = make.posthog("server", 3, "$acc_acc", "$groupidentify")
    server["properties"] = {"$group_type": "account", "$group_key": "acc", "$group_set": {}}
    calls = [server, make.group("constant", 3, "acc", "server-1"), make.track("t", 3, "u", "acc")]
    add_calls(company, call_file(calls[:1], "posthog/1.jsonl"), call_file(calls[1:], "2.jsonl"))
    marts = _marts(company)
    assert [row["user_hash"] for row in marts["users"]] == [sha256("u")]
    months = {row["app_id"]: row for row in marts["mtu_monthly"]}
    assert months["web"]["group_call_only_users"] == 2
