"""`tracking`: one screen of what applications send; its JSON has the keys of the contract."""

import json
import re
from datetime import date, datetime

import duckdb
import pytest
import yaml

from ingestion.settings import PROJECT_ROOT
from tests.test_cli import call, home, published  # noqa: F401

TRACKING = PROJECT_ROOT / "dbt_project" / "models" / "marts" / "tracking"
RULES = [
    "missing_account_context", "user_centric_only", "missing_collaboration",
    "missing_billing", "roles_unknown", "per_user_tracking",
]  # fmt: skip
KEYS = {
    "quality", "context", "plan", "issues", "traits", "groups", "trials", "invitations", "roles",
    "mtu", "discrepancies",
}  # fmt: skip
D = datetime(2025, 3, 10)
WORDS = re.compile(r"\S+( \S+)*")
WEB = {"app_id": "web"}
GROUP = {"external_org_id": "acc", "active_users_30d": 2, "issues": ""}
ROWS = {
    "telemetry_quality": [
        {"app_id": app, "rule": rule, "status": status, "evidence": f"Seen: {rule}.",
         "advice": "Do"}
        for app, status in (("all", "bad"), ("web", "good"))
        for rule in sorted(RULES)
    ],
    "tracking_plan_events": [
        WEB | {"event": "user.invited", "status": "planned", "calls": 9, "unattributed": 1,
               "sent_as": "User Invited"},
        WEB | {"event": "user.joined", "status": "never_seen", "calls": 0, "unattributed": 0},
        {"app_id": "mobile", "event": "user.invited", "status": "never_seen", "calls": 0,
         "unattributed": 0},
        WEB | {"event": "odd", "status": "unplanned", "calls": 2, "unattributed": 0},
    ],
    "tracking_plan_issues": [
        WEB | {"subject": "event", "name": "user.invited", "property": "", "issue": "near_miss",
               "occurrences": 9, "occurrences_30d": 4, "advice": "Rename it."},
        WEB | {"subject": "event", "name": "odd", "property": "", "issue": "unplanned",
               "occurrences": 2, "occurrences_30d": 2, "advice": "Plan it."},
        {"app_id": "all", "subject": "user", "name": "role", "property": "",
         "issue": "trait_missing", "occurrences": 1, "occurrences_30d": 1, "checked_30d": 4,
         "share_30d": 0.25, "requirement": "required", "advice": "Send it."},
    ],
    "groups": [
        GROUP | {"group_id": "acc", "name": "Account", "group_type": "account", "level": 1,
                 "is_account": True, "links": 0, "events_30d": 30, "mrr": 100},
        *(
            GROUP | {"group_id": f"ws-{n}", "name": f"Room {n}", "group_type": "workspace",
                     "level": 4, "links": 1, "parent_group_id": "acc", "events_30d": n, "mrr": 0}
            for n in range(1, 6)
        ),
        {"external_org_id": "draft", "group_id": "draft", "group_type": "project",
         "is_account": False, "issues": "undefined", "events_30d": 99},
        GROUP | {"group_id": "pr", "group_type": "project", "level": 5,
                 "links": 2, "parent_group_id": "ws-5", "events_30d": 3, "mrr": 0},
    ],
    "trials": [
        {"plan_trialing": "pro", "status": status, "started_at": D, "trial_id": status}
        for status in ("converted", "not_converted", "overdue", "superseded")
    ],
    "invitations": [
        {"invitee_role": "admin", "status": "joined", "invited_at": D, "hours_to_join": 4.0},
        {"invitee_role": "viewer", "status": "open", "invited_at": D},
        {"role": "viewer", "status": "uninvited"},
    ],
    "user_accounts": [
        {"user_hash": "a", "role": "admin", "role_weight": 3, "events_30d": 2,
         "weighted_events_30d": 6},
        {"user_hash": "b", "role_weight": 1, "events_30d": 2, "weighted_events_30d": 2},
    ],
    "mtu_monthly": [
        {"app_id": app, "month": date(2025, month, 1), "is_partial": month == 3, "calls": 40,
         "tracked_users": 5, "mtu_per_user": 5000, "mtu_instance_level": 100, "reduction": 0.98,
         "billable_per_user": 5000, "billable_instance_level": 800, "identity_mode": "user"}
        for app in ("all", "web") for month in (1, 2, 3)
    ],
    "billing_discrepancies": [
        {"external_org_id": "acc", "display_name": "Account", "discrepancy": "mrr_differs",
         "expected": "100.00", "observed": "120.00", "difference": 20,
         "explanation": "They differ."}
    ],
}  # fmt: skip


@pytest.fixture
def tracked(published):  # noqa: F811
    """Published marts of tracking, with the columns of their contracts."""
    with duckdb.connect(str(published / "serving" / "all.duckdb")) as connection:
        for mart, rows in ROWS.items():
            [model] = yaml.safe_load((TRACKING / f"{mart}.yml").read_text())["models"]
            columns = ", ".join(f'"{c["name"]}" {c["data_type"]}' for c in model["columns"])
            connection.execute(f"create table marts.{mart} ({columns})")
            for row in rows:
                values = {"company_id": "acme", **row}
                names = ", ".join(f'"{name}"' for name in values)
                marks = ", ".join("?" * len(values))
                connection.execute(
                    f"insert into marts.{mart} ({names}) values ({marks})", list(values.values())
                )
        connection.execute(
            "create table marts.applications as"
            " select 'acme' as company_id, unnest(['all', 'web', 'mobile']) as app_id"
        )
        connection.execute(
            "create table marts.events as select 'acme' as company_id, unnest(['web', 'web',"
            " 'mobile']) as app_id, unnest(['group', 'sticky', 'event']) as account_source"
        )
    return published


def as_json(capsys, *arguments):
    code, out, _ = call(capsys, "tracking", "--company", "acme", "--json", *arguments)
    assert code == 0
    return json.loads(out)


def test_json_has_the_keys_of_the_contract(tracked, capsys):
    found = as_json(capsys)
    assert found.keys() == KEYS
    assert all(found.values())
    assert [row["rule"] for row in found["quality"]] == RULES
    assert {row["status"] for row in found["quality"]} == {"bad"}
    context = {row["account_source"]: row for row in found["context"]}
    assert context.keys() == {"group", "sticky", "event", "unattributed"}
    assert [name for name, row in context.items() if row["is_own_context"]] == ["event", "group"]
    assert [row["near_misses"] for row in found["plan"]] == [9, 0, 0, 0]
    assert [
        (row["subject"], row["trait"], row["checked"], row["present"], row["coverage"])
        for row in found["traits"]
    ] == [
        ("user", "role", 4, 3, 0.75),
        ("user", "account_id", 4, 4, 1),
        ("user", "email", 4, 4, 1),
        ("user", "user_id", 4, 4, 1),
    ]
    [trials] = found["trials"]
    assert (trials["started"], trials["converted"], trials["conversion_rate"]) == (4, 1, 0.5)
    total = found["invitations"][0]
    assert total["is_total"]
    assert (total["sent"], total["joined"], total["uninvited"]) == (2, 1, 1)
    assert total["median_hours"] == 4
    assert [(row["role"], row["share"]) for row in found["roles"]] == [
        ("admin", 0.75),
        (None, 0.25),
    ]
    assert {row["month"] for row in found["mtu"]} == {"2025-02-01"}


def test_one_application_alone(tracked, capsys):
    found = as_json(capsys, "--app", "mobile")
    assert [row["account_source"] for row in found["context"]] == ["event"]
    assert {row["status"] for row in found["plan"]} == {"never_seen"}
    assert found["quality"] == found["mtu"] == []
    assert {row["issue"] for row in found["issues"]} == {"trait_missing"}
    assert {row["status"] for row in as_json(capsys, "--app", "web")["quality"]} == {"good"}


def test_as_many_issues_as_asked_for_largest_first(tracked, capsys):
    assert [row["issue"] for row in as_json(capsys, "--issues", "2")["issues"]] == [
        "near_miss",
        "unplanned",
    ]


def test_a_screen_for_people(tracked, capsys):
    code, out, _ = call(capsys, "tracking", "--company", "acme")
    assert code == 0
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "missing account context bad Seen: missing_account_context. Do" in lines
    assert "planned, never seen 1 user.joined" in lines
    assert "spelled otherwise 1 user.invited (as User Invited)" in lines
    assert "Account account 30 2 100.00" in lines
    tree = [line for line in out.splitlines() if "Room" in line or " pr " in line]
    assert [line.split("  workspace")[0].strip() for line in tree if "Room" in line] == [
        "Room 5", "Room 4", "Room 3",
    ]  # fmt: skip
    assert tree[1].index("pr") > tree[0].index("Room")
    assert "and 2 more" in lines
    assert "draft" not in out
    # Figures stand below each other, also where they are 0 and 1.
    [heading] = [line for line in out.splitlines() if "Not converted" in line]
    [trial] = [line for line in out.splitlines() if line.split()[:1] == ["pro"]]
    ends = [[word.end() for word in WORDS.finditer(line)][1:] for line in (heading, trial)]
    assert ends[0] == ends[1]
    assert "all user 40 5 5,000 100 98.0 % 5,000 800" in lines
    assert "Account mrr differs 100.00 120.00 They differ." in lines


def test_an_unknown_application_is_told_the_known_ones(tracked, capsys):
    code, _, errors = call(capsys, "tracking", "--company", "acme", "--app", "wbe")
    assert code == 1
    assert "unknown application 'wbe' of acme; there are: all, mobile, web" in errors


def test_a_company_without_calls_is_told_how_to_send_them(tracked, capsys):
    with duckdb.connect(str(tracked / "serving" / "all.duckdb")) as connection:
        connection.execute("delete from marts.groups")
    code, out, _ = call(capsys, "tracking", "--company", "acme")
    assert code == 0
    assert "docs/tracking.md says how" in out
