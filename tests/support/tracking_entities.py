"""Companies built by hand whose users, activation, tracked users and quality lie on an edge."""

from collections.abc import Callable
from datetime import date, timedelta

from tests.support import raw_warehouse as raw
from tests.support.call_shapes import Call, Shapes
from tests.support.company_rows import CompanyRows, at, user
from tests.support.tracking_edges import TRACKING_EDGES, company_with, send


def roles(as_of: date) -> CompanyRows:
    """A user of several accounts with a role in each, and what makes an account the first."""
    make = Shapes(as_of)
    calls = [make.typed(f"g-{a}", 60, a, "account") for a in ("acc", "acc_2", "acc_3")]
    calls += [
        make.typed("g-ws", 60, "ws", "workspace", "acc_2"),
        make.identify("i-all", 50, "ann", role="Super User"),
        make.identify("i-acc", 40, "ann", role="Owner", account_id="acc"),
        make.segment("i-ws", "identify", 30, userId="ann", traits={"role": "VIEWER"})
        | {"context": {"groupId": "ws"}},
        *(make.track(f"a{n}", n, "ann", "acc") for n in (45, 39, 20, 3)),
        *(make.track(f"b{n}", n, "ann", "ws") for n in (35, 29, 10)),
        make.track("c1", 25, "ann", "acc_3"),
        make.track("j1", 24, "ann", "acc_3", "user.joined", properties={"role": "guest"}),
        make.track("c2", 5, "ann", "acc_3"),
        # The primary account counts only where the user has a row.
        make.identify("p-own", 20, "bob", primary_account_id="ws", account_id="acc"),
        make.track("b-own", 10, "bob", "acc"),
        make.track("b-two", 10, "bob", "acc_2"),
        make.identify("p-other", 20, "cat", primary_account_id="acc_3", role="admin"),
        make.track("c-one", "9 10:00:00", "cat", "acc"),
        make.track("c-two", "9 11:00:00", "cat", "acc_2"),
        make.identify("i-gone", 15, "dan", role="member", account_id="acc"),
        make.identify("i-null", 10, "dan", account_id=None),
        make.group("g-dan", 8, "ws", "dan"),
        make.posthog("group-only", 8, "$account_acc", "$groupidentify")
        | {"properties": {"$group_type": "account", "$group_key": "acc", "$group_set": {}}},
        make.track("anonymous", 6, None, "acc", anonymousId="device"),
        make.segment("auto-only", "identify", 4, userId="eve", traits={"email": "eve@example.com"}),
    ]
    company = company_with("tracked-roles", as_of, calls, pii_policy="allowed")
    company.reference("role_weights", {"role": "super_user", "weight": "5"})
    company.reference("role_weights", {"role": "viewer", "weight": "0.25"})
    company.event("acc", at(company.day(2)), user_hash=user("flat"))
    company.application("tool", identity_mode="instance")
    send(company, "tool", [make.track("tool", 2, "instance-1", "acc")])
    company.application("silent")
    silent = [make.track("s1", 3, "ann"), make.track("s2", 3, "nobody")]
    send(company, "silent", [{**call, "messageId": f"silent-{n}"} for n, call in enumerate(silent)])
    return company


def activation(as_of: date) -> CompanyRows:
    """Rules met on the last day of their window, one day late, half, before the start."""
    make = Shapes(as_of)
    used: dict[str, list[int]] = {
        "in-time": [20, 20, 14],
        "too-late": [20, 20, 13],
        "half": [6, 6],
        "over": [7, 7],
        "no-limit": [90, 90, 90, 2],
    }
    calls = [
        make.track(f"{account}-{n}", back, "u", account, "report.created" if n < 2 else "shared")
        for account, days in used.items()
        for n, back in enumerate(days)
    ]
    calls += [
        make.group("created", 50, "created-before", created_at=make.moment(60).isoformat() + "Z"),
        make.group("never", 50, "never-started", plan="pro"),
        make.group("unreadable", 50, "unreadable", created_at="soon", number_of_users=2.5),
        make.track("late-1", 55, "u", "created-before"),
        make.track("late-2", 55, "u", "created-before"),
        make.track("late-3", 54, "u", "created-before", "shared"),
    ]
    company = company_with("tracked-activation", as_of, calls)
    company.feature("reports", match_event="report.created")
    company.feature("sharing", match_event="shared")
    for key, events, days in (("reports", "2", ""), ("sharing", "1", "7")):
        company.reference(
            "activation_rules", {"feature_key": key, "min_events": events, "within_days": days}
        )
    company.organization("imported-only", (at(company.day(5)), "Imported"))
    return company


def tracked_users(as_of: date) -> CompanyRows:
    """Devices that are known in one month and not in the next; servers' ids; an instance."""
    make = Shapes(as_of)
    first = as_of.replace(day=1)
    last_month = (first - timedelta(days=10), first - timedelta(days=40))
    this, before, long_before = (at(day) for day in (first, *last_month))
    counted = make.group("counts", before, "acc", number_of_users=50, group_type="account")
    calls = [
        make.track("known-before", before, "ann", "acc", anonymousId="phone"),
        make.track("alone-before", before, None, "acc", anonymousId="phone"),
        make.track("alone", this, None, "acc", anonymousId="phone"),
        make.track("other", this, None, "acc", anonymousId="tablet"),
        make.segment("link", "alias", this, userId="bob", previousId="tablet"),
        make.group("server", this, "acc", "server"),
        make.group("both", this, "acc", "ann"),
        make.track("nowhere", long_before, None, anonymousId="phone"),
        make.posthog("auto", long_before, "cat", "$autocapture"),
        make.track("same-id", this, "phone", "acc"),
        counted,
    ]
    company = company_with("tracked-users", as_of, calls)
    company.application("tool", identity_mode="instance")
    tool = [
        make.track("t1", before, "i-1", "acc"),
        make.track("t2", this, "i-2", "acc_2"),
        make.track("t3", long_before, "i-3", "acc"),
        make.group("t4", this, "acc_2", number_of_users=7.5),
    ]
    send(company, "tool", [{**call, "messageId": f"tool-{n}"} for n, call in enumerate(tool)])
    company.event("flat", this, user_hash=user("flat"))
    company.reference("telemetry_rules", _rule("mtu", "included_calls_per_mtu", "2"))
    return company


def asks_about_users(as_of: date) -> CompanyRows:
    """Many users of two accounts without a role: nobody asks who they are."""
    company = _crowd("tracked-crowd", as_of, users=6)
    company.reference("telemetry_rules", _rule("mtu", "included_calls_per_mtu", ""))
    for number, (back, reasons) in enumerate(
        (
            (3, "customer_org_id_missing"),
            (3, "event_missing,customer_org_id_missing"),
            (3, "event_missing"),
            (30, "customer_org_id_missing"),
            (3, "customer_org_id_missing"),
        )
    ):
        path = f"{company.company_id}/apps/web/events/{number}.jsonl"
        file = raw.loaded_file_row(
            company_id=company.company_id, path=path, modified_at=at(company.day(back))
        )
        row = raw.rejected_row(company_id=company.company_id, path=path, reasons=reasons)
        company.raw["loaded_files"].append(file)
        company.raw["rejected_rows"].append(row)
    # A later try accepted the last one.
    company.raw["rejected_rows"][-1]["resolved_at"] = raw.LOADED_AT
    return company


def knows_roles(as_of: date) -> CompanyRows:
    """The same with a role for half of the users, exactly."""
    make = Shapes(as_of)
    roles = [make.identify(f"i{n}", 40, f"u{n}", role="member") for n in range(3)]
    return _crowd("tracked-known", as_of, users=6, more=roles)


def names_no_group(as_of: date) -> CompanyRows:
    """Users without an account, instances that are their own: accounts, but no groups."""
    make = Shapes(as_of)
    calls = [
        make.identify("i-ann", 9, "ann", email="ann@example.com", role="Owner", created_at=3),
        make.track("a1", 8, "ann"),
        make.track("a2", 1, "ann", event="Something Else", properties={"email": "a@example.com"}),
        make.track("a3", 1, "ann", event="user.joined", properties={"role": "member"}),
        make.segment("a4", "page", 0, anonymousId="phone"),
        make.posthog("a5", 2, "ann", "$autocapture"),
    ]
    company = company_with("tracked-ungrouped", as_of, calls)
    company.application("tool", identity_mode="instance")
    tool = [
        make.track("t1", 40, "i-1"),
        make.track("t2", 2, "i-1", event="trial.started", properties={"trial_days": 7}),
        make.track("t3", 2, "i-2", event="plan.upgraded", properties={"to_plan": "pro"}),
    ]
    send(company, "tool", [{**call, "messageId": f"tool-{n}"} for n, call in enumerate(tool)])
    company.event("flat", at(company.day(3)), user_hash=user("ann"))
    company.event("old", at(company.day(40)), user_hash=user("bob"))
    company.organization("i-1", (at(company.day(20)), "Imported"))
    company.subscription("i-1", "80", company.day(15), applied_at=at(company.day(15)))
    return company


def personal_trait(as_of: date) -> CompanyRows:
    """A property that was stored as it was sent, before the plan took its trait for personal."""
    make = Shapes(as_of)
    sent = make.track("t", 5, "u", "acc", properties={"nickname": "Ace"})
    company = company_with("nickname", as_of, [make.typed("g", 9, "acc", "account"), sent])
    nickname = {"entity": "user", "trait": "nickname", "requirement": "optional"}
    company.reference("trait_plan", {**nickname, "type": "string", "is_pii": "true"})
    return company


def _crowd(company_id: str, as_of: date, users: int, more: tuple[Call, ...] | list = ()):
    """Users of one account, in each of the last three months and today."""
    make = Shapes(as_of)
    calls = [
        make.track(f"e{n}-{back}", back, f"u{n}", "acc")
        for n in range(users)
        for back in (0, 20, 45, 70)
    ]
    named = make.typed("g", 60, "acc", "account")
    named["traits"]["name"] = "Named"
    calls.append(named)
    company = company_with(company_id, as_of, [*calls, *more])
    for parameter, value in (("min_users_per_account", "6"), ("min_reduction", "0.8")):
        company.reference("telemetry_rules", _rule("per_user_tracking", parameter, value))
    return company


def _rule(rule: str, parameter: str, value: str) -> dict[str, str]:
    return {"rule": rule, "parameter": parameter, "value": value}


ENTITY_EDGES: tuple[Callable[[date], CompanyRows], ...] = (
    personal_trait,
    *TRACKING_EDGES,
    roles,
    activation,
    tracked_users,
    asks_about_users,
    knows_roles,
    names_no_group,
)
