"""Companies built by hand whose calls lie on an edge of plans, trials, invitations and billing."""

from collections.abc import Callable
from datetime import date
from typing import Any

from tests.support.call_rows import add_calls, call_file
from tests.support.call_shapes import Call, Shapes
from tests.support.company_rows import CompanyRows, at, user


def company_with(company_id: str, as_of: date, calls: list[Call], **settings: Any) -> CompanyRows:
    """A company with the application ``web``, whose settings these are, and its calls."""
    company = CompanyRows(company_id, as_of)
    company.application("web", **settings)
    send(company, "web", calls)
    return company


def send(company: CompanyRows, app_id: str, calls: list[Call]) -> None:
    files = [
        call_file([call], f"{app_id}/{number}.jsonl", company.company_id, app_id)
        for number, call in enumerate(calls)
    ]
    add_calls(company, *files)


def trials(as_of: date) -> CompanyRows:
    """Ends without a start, two starts, two ends, lengths that are none; and one flat event."""
    make = Shapes(as_of)

    def sent(name: str, back: int | str, account: str, event: str, **properties: Any) -> Call:
        return make.track(name, back, "u", account, f"trial.{event}", properties=properties)

    calls = [make.typed("g", 80, account, "account") for account in ("t1", "again", "both")]
    calls = [{**call, "messageId": f"g{number}"} for number, call in enumerate(calls)]
    calls += [
        sent("s1", 30, "t1", "started", trial_days=14, plan_trialing="pro"),
        sent("e1", 19, "t1", "ended", converted=True, plan_selected="pro"),
        sent("s2", 21, "late", "started", trial_days=14, trial_plan_name="pro"),
        sent("e3", 26, "refused", "ended", converted=False),
        sent("s4", 14, "last-day", "started", trial_days=14.0),
        sent("s5", 15, "day-over", "started", trial_days=14),
        sent("s6", 60, "no-length", "started", trial_days="14"),
        sent("s7", 70, "again", "started", trial_days=14),
        sent("s8", 40, "again", "started", trial_days=14),
        sent("e8", 40, "again", "ended", converted="yes"),
        sent("e9", 38, "again", "ended", converted=True, plan_selected=3),
        # One moment: the end is at the start, and closes it.
        sent("s10", 50, "both", "started", trial_days=7),
        sent("s11", 50, "both", "started", trial_days=9),
        sent("e11", 50, "both", "ended", converted=True),
    ]
    company = company_with("tracked-trials", as_of, calls)
    properties = '{"trial_days":3}'
    company.event("flat", at(company.day(2)), event="Trial Started", properties=properties)
    for account, back in (("t1", 18), ("refused", 27), ("again", 45)):
        company.organization(account, (at(company.day(80)), account))
        company.subscription(account, "50", company.day(back), applied_at=at(company.day(back)))
    return company


def invitations(as_of: date) -> CompanyRows:
    """By id, by e-mail, sent twice, never taken, never sent; of another account and too late."""
    make = Shapes(as_of)

    def invited(name: str, back: int | str, account: str = "acc", **properties: Any) -> Call:
        return make.track(name, back, "host", account, "user.invited", properties=properties)

    def joined(name: str, back: int | str, who: str, account: str = "acc", **found: Any) -> Call:
        return make.track(name, back, who, account, "user.joined", properties=found)

    mails = {who: f"{who}@example.com" for who in ("ann", "bob", "cat", "dan", "eve", "fay")}
    calls = [make.identify(f"i-{who}", 70, who, email=mail) for who, mail in mails.items()]
    calls += [
        make.typed("acc", 80, "acc", "account"),
        invited("by-property", 60, invitation_id="inv", invitee_email="else@example.com"),
        joined("j-property", 59, "zoe", invitation_id="inv", role="Admin"),
        invited("by-message", 58, invitee_role="viewer"),
        joined("j-message", "57 18:30:00", "yan", invitation_id="by-message", role="viewer"),
        invited("ann-1", 50, invitee_email=" Ann@Example.com"),
        invited("ann-2", 40, invitee_email=mails["ann"]),
        joined("j-ann-1", 39, "ann"),
        joined("j-ann-2", 38, "ann", invitation_id="unknown"),
        joined("j-ann-3", 37, "ann"),
        invited("bob-late", 20, invitee_email=mails["bob"]),
        joined("j-bob", 21, "bob"),
        invited("cat", 31, invitee_email=mails["cat"]),
        invited("dan", 30, invitee_email=mails["dan"]),
        invited("eve", 20, "acc_2", invitee_email=mails["eve"]),
        joined("j-eve", 19, "eve"),
        invited("nobody", 10),
        invited("nobody-again", 9),
        # The id decides before the address, even of a join that comes later.
        invited("fay", 8, invitee_email=mails["fay"], invitation_id="fay-id"),
        joined("j-fay", 7, "fay"),
        joined("j-gus", 6, "gus", invitation_id="fay-id"),
    ]
    company = company_with("tracked-invitations", as_of, calls)
    company.event("acc", at(company.day(3)), event="user.joined", user_hash=user("flat"))
    company.application("tool", identity_mode="instance")
    send(company, "tool", [{**invited("tool", 5), "messageId": "tool"}])
    return company


def plan_issues(as_of: date) -> CompanyRows:
    """Every issue of the tracking plan, and beside each the closest thing that is none."""
    make = Shapes(as_of)

    def sent(event: str, group: str | None = "acc", when: int | str = 3, **properties: Any) -> Call:
        name = f"m{len(calls):02}"
        calls.append(make.track(name, when, "u", group, event, properties=properties))
        return calls[-1]

    calls: list[Call] = [make.typed("g", 40, "acc", "account"), make.typed("w", 40, "ws", "team")]
    for event in ("user.signed_in", "userSignedIn", "Signed In", "signed.in", "sign in"):
        sent(event, method="sso")
    for method in ("sso", "", None, 5, ["sso"]):
        sent("user.signed_in", method=method)
    sent("user.signed_in", Method="sso", METHOD="")
    sent("user.signed_in")
    sent("user.signed_up", signup_source="ad")
    sent("user.signed_up", None, signup_source="ad", account_id="acc")
    sent("user.signed_up", None, signup_source="ad")
    sent("trial.started", trial_days=14.0, planTrialing="pro")
    sent("trial.started", trial_days=14.5, trial_plan_name="pro")
    sent("trial.ended", converted="true")
    for email in ("ab" * 32, "one@example.com", "AB" * 32, 7):
        sent("user.invited", invitee_role="viewer", invitee_email=email)
    sent("size.chosen", size="xl", at="2024-02-01T10:00:00+02:00", count=3)
    sent("size.chosen", size="S", at="yesterday", count=3.5)
    sent("size.chosen", size=4, at=1_700_000_000, more={"a": 1})
    sent("form.sent", contact={"phone": "1"}, note="two@example.com", name="A form")
    sent("form.sent", customer_email="cd" * 32, items=["x", {"e": "three@example.com"}])
    sent("plan.upgraded", "ws", to_plan="pro", from_plan="free")
    sent("plan.upgraded", "nowhere", to_plan="pro", from_plan="free", when=35)
    sent("plan.upgraded", None, to_plan="pro", from_plan="free")
    calls.append(make.posthog("p1", 2, "u", **{"$groups": {"project": "unknown"}}))
    calls.append(make.posthog("p2", 2, "v", **{"$groups": {"project": "unknown"}}))
    calls.append(make.posthog("p3", 2, "v", "$autocapture", **{"$groups": {"company": "acc"}}))
    calls.append(make.segment("page", "page", 2, userId="u", properties={"email": "p@example.com"}))
    company = company_with("tracked-plan", as_of, calls)
    company.reference(
        "tracking_plan",
        _planned("size.chosen", also_sent_as="size.picked"),
        _planned("user.signed_out", requirement="optional"),
        _planned("session_start", app_id="web"),
    )
    company.reference(
        "tracking_plan_properties",
        _property("size.chosen", "size", "string", allowed_values="s|m|xl"),
        _property("size.chosen", "at", "datetime"),
        _property("size.chosen", "count", "integer", is_required="true"),
        _property("size.chosen", "more", "object"),
        _property("user.signed_in", "method", "string", is_required="false"),
    )
    send(company, "web", [make.amplitude("auto", 2, "u", "session_start")])
    events = (("Signed In", '{"method":"sso"}'), ("login", '{"email":"f@example.com"}'))
    for event, properties in (*events, ("page_view", None), ("page", None), ("user.joined", "{}")):
        company.event("acc", at(company.day(4)), event=event, properties=properties)
    company.application("silent")
    return company


def _planned(event: str, **fields: str) -> dict[str, str]:
    row = {"app_id": "*", "event": event, "category": "other", "group_level": ""}
    return {**row, "requirement": "required", "also_sent_as": "", **fields}


def _property(event: str, name: str, kind: str, **fields: str) -> dict[str, str]:
    row = {"app_id": "*", "event": event, "property": name, "type": kind, "is_required": "false"}
    return {**row, "rule": "", "allowed_values": "", "also_sent_as": "", **fields}


def billing(as_of: date) -> CompanyRows:
    """What applications say of plans and MRR, beside what was imported in three currencies."""
    make = Shapes(as_of)
    traits: dict[str, dict[str, Any]] = {
        "equal": {"mrr": 100, "plan": "Base"},
        "within": {"mrr": 101},
        "beyond": {"mrr": 101.02},
        "cent": {"mrr": 0.02},
        "dollars": {"mrr": 100, "currency": "USD"},
        "unknown-currency": {"mrr": 100, "currency": "XXX"},
        "no-subscription": {"mrr": 100, "plan": "base"},
        "other-plan": {"plan": "gold"},
        "zero": {"mrr": 0, "plan": "base"},
        "text": {"mrr": "a lot"},
        "upgraded": {"plan": "free"},
        "newer": {"plan": "free"},
    }
    calls = [
        make.group(f"g-{account}", 10 if account == "newer" else 100, account, **found)
        for account, found in traits.items()
    ]

    def changed(name: str, account: str, back: int, kind: str = "upgraded", plan: Any = "pro"):
        event = f"plan.{kind}"
        return make.track(name, back, "u", account, event, properties={"to_plan": plan})

    calls += [
        changed("up-now", "upgraded", 30),
        changed("up-31", "upgraded", 31),
        changed("up-newer", "newer", 20),
        changed("up-89", "zero", 89),
        changed("down-90", "within", 90, "downgraded"),
        changed("down-60", "equal", 60, "downgraded", "BASE"),
        changed("up-grown", "beyond", 45),
    ]
    company = company_with("tracked-billing", as_of, calls)
    company.application("cents", mrr_unit="minor")
    send(company, "cents", [make.group("g-cents", 50, "cents", mrr=10_000)])
    for account in (*traits, "cents", "quiet"):
        company.organization(account, (at(company.day(200)), account))
        if account not in ("no-subscription", "text"):
            since, currency = company.day(40 if account == "beyond" else 150), "EUR"
            amount = "0.01" if account == "cent" else "100"
            currency = "USD" if account == "dollars" else currency
            applied = {"applied_at": at(since), "currency": currency}
            company.subscription(account, amount, since, **applied)
    return company


TRACKING_EDGES: tuple[Callable[[date], CompanyRows], ...] = (
    trials,
    invitations,
    plan_issues,
    billing,
)
