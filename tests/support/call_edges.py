"""Companies whose calls lie on an edge of the account rules, with what must come out.

A case has its calls, and per usage call the account, the source and the group that it must get
(None: unattributed). They are part of the built worlds, so that the marts are held to them too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.support.call_rows import add_calls, call_file
from tests.support.call_shapes import Shapes
from tests.support.company_rows import CompanyRows, at

Found = tuple[str, str, str] | None


@dataclass
class Case:
    calls: list[dict[str, Any]]
    expected: dict[str, Found]
    imported: tuple[str, ...] = ()
    users: dict[str, str] = field(default_factory=dict)
    """The actor of a call, by the id that was sent."""


def late_trait(make: Shapes) -> Case:
    late = make.identify("i-old", 10, "u", account_id="acc_a")
    late["receivedAt"] = make.moment("0 13:00:00").isoformat() + "Z"
    once = make.posthog("s-old", 9, "v", "$set", **{"$set_once": {"account_id": "acc_a"}})
    again = make.posthog("s-new", 8, "v", "$set", **{"$set_once": {"account_id": "acc_c"}})
    return Case(
        [
            make.identify("i-new", 5, "u", account_id="acc_b"),
            make.track("e-between", 7, "u"),
            make.track("e-after", 3, "u"),
            make.track("e-before", 12, "u"),
            again,
            make.posthog("s-set", 6, "v", "$set", **{"$set": {"account_id": "acc_b"}}),
            make.track("o-first", "8 13:00:00", "v"),
            make.track("o-last", 2, "v"),
            late,
            once,
        ],
        {
            "e-before": ("acc_a", "identify", "acc_a"),
            "e-between": ("acc_a", "identify", "acc_a"),
            "e-after": ("acc_b", "identify", "acc_b"),
            "o-first": ("acc_a", "identify", "acc_a"),
            "o-last": ("acc_b", "identify", "acc_b"),
        },
    )


def group_is_not_carried(make: Shapes) -> Case:
    return Case(
        [
            make.group("g", 5, "acc", "u", group_type="account"),
            make.track("before", 6, "u"),
            make.track("after", 4, "u"),
            make.track("other", 4, "w"),
            make.amplitude("set", 5, "v", "$identify", groups={"account": "acc"}),
            make.amplitude("after-set", 4, "v"),
        ],
        {
            "before": ("acc", "later", "acc"),
            "after": ("acc", "sticky", "acc"),
            "other": None,
            "after-set": ("acc", "sticky", "acc"),
        },
    )


def no_hierarchy(make: Shapes) -> Case:
    groups = {"company": "acc", "workspace": "ws"}
    return Case(
        [
            make.posthog("p", 3, "u", **{"$groups": groups}),
            make.mixpanel("m", 3, "u", **{"$groups": {"workspace": ["ws"], "company": ["acc"]}}),
            make.amplitude("a", 3, "u", groups=groups),
            make.posthog("below", 2, "v", **{"$groups": {"workspace": "ws_alone"}}),
        ],
        {
            **dict.fromkeys(("p", "m", "a"), ("acc", "group", "ws")),
            "below": None,
        },
    )


def left_over(make: Shapes) -> Case:
    return Case(
        [
            make.typed("g1", 9, "old", "account"),
            make.typed("g2", 9, "ws_old", "workspace", "old"),
            make.typed("g3", 9, "new", "account"),
            make.amplitude("ws", 2, "u", groups={"account": "new", "workspace": "ws_old"}),
            make.amplitude("two", 2, "u", groups={"account": "new", "company": "old"}),
        ],
        {"ws": ("new", "group", "new"), "two": ("new", "group", "new")},
    )


def anonymous_actors(make: Shapes) -> Case:
    return Case(
        [make.track("e", 2, group="acc", anonymousId="device")],
        {"e": ("acc", "undefined_group", "acc")},
        users={"e": "device"},
    )


def group_on_the_profile(make: Shapes) -> Case:
    return Case(
        [
            make.mixpanel_profile(9, "u", set={"company_id": "acc"}),
            make.mixpanel("e", 3, "u"),
            make.posthog("s", 9, "v", "$identify", **{"$set": {"company_id": ["acc", "acc_2"]}}),
            make.posthog("e2", 3, "v"),
            make.posthog("p", 9, "w", "$identify", **{"$set": {"primary_account_id": "acc"}}),
            make.posthog("e3", 3, "w"),
        ],
        {
            "e": ("acc", "identify", "acc"),
            "e2": ("acc", "identify", "acc"),
            "e3": ("acc", "primary", "acc"),
        },
    )


def signs_in_as_another(make: Shapes) -> Case:
    return Case(
        [
            make.track("as-a", 5, "a", "acc_a"),
            make.track("as-b", 4, "b", "acc_b", anonymousId="a"),
            make.track("alone", 3, group="acc_a", anonymousId="a"),
        ],
        {
            "as-a": ("acc_a", "undefined_group", "acc_a"),
            "as-b": ("acc_b", "undefined_group", "acc_b"),
            "alone": ("acc_a", "undefined_group", "acc_a"),
        },
        users={"as-a": "a", "as-b": "b", "alone": "a"},
    )


def shared_device(make: Shapes) -> Case:
    return Case(
        [
            make.track("before", 9, group="acc", anonymousId="tablet"),
            make.track("one", 8, "one", "acc", anonymousId="tablet"),
            make.track("two", 7, "two", "acc", anonymousId="tablet"),
            make.track("own", 9, group="acc", anonymousId="phone"),
            make.segment("al", "alias", 6, userId="three", previousId="phone"),
            make.segment("again", "alias", 5, userId="three", previousId="phone"),
            make.track("circle", 4, group="acc", anonymousId="x"),
            make.segment("x-y", "alias", 4, userId="y", previousId="x"),
            make.segment("y-x", "alias", 3, userId="x", previousId="y"),
        ],
        dict.fromkeys(("before", "one", "two", "own", "circle"), ("acc", "undefined_group", "acc")),
        users={"before": "tablet", "one": "one", "two": "two", "own": "three", "circle": "x"},
    )


def joined_keys(make: Shapes) -> Case:
    def sent(name: str, kind: str, group: str, session: str) -> dict[str, Any]:
        return make.posthog(name, 3, "u", **{"$groups": {kind: group}, "$session_id": session})

    return Case(
        [
            sent("a", "may_have", "collision", "s"),
            sent("b", "may", "have_collision", "s"),
            sent("c", "company", "may_have", "collision"),
            sent("d", "company", "may", "have_collision"),
        ],
        {
            "a": ("collision", "undefined_group", "collision"),
            "b": ("have_collision", "undefined_group", "have_collision"),
            "c": ("may_have", "group", "may_have"),
            "d": ("may", "group", "may"),
        },
    )


def never_created(make: Shapes) -> Case:
    return Case(
        [
            make.track("untyped", 3, "u", "bare"),
            make.posthog("account", 3, "v", **{"$groups": {"account": "typed"}}),
            make.posthog("project", 3, "w", **{"$groups": {"project": "p"}}),
            make.posthog("own", 3, "x", **{"$groups": {"squad": "sq"}}),
            make.track("imported", 3, "y", "imported-org"),
            make.track("property", 3, "z", properties={"accountId": 42.0}),
        ],
        {
            "untyped": ("bare", "undefined_group", "bare"),
            "account": ("typed", "group", "typed"),
            "project": None,
            "own": ("sq", "undefined_group", "sq"),
            "imported": ("imported-org", "group", "imported-org"),
            "property": ("42", "property", "42"),
        },
        imported=("imported-org",),
    )


def child_is_imported(make: Shapes) -> Case:
    return Case(
        [
            make.typed("g1", 9, "acc", "account"),
            make.typed("g2", 9, "child", "project", "acc"),
            make.track("e", 3, "u", "child"),
        ],
        {"e": ("acc", "group", "child")},
        imported=("acc", "child"),
    )


def staging_and_later(make: Shapes) -> Case:
    return Case(
        [
            make.identify("i", 9, "u", account_id="acc"),
            make.track("counts", 3, "u"),
            make.track("tomorrow", -1, "u"),
            make.track("staging", 3, "u", environment="staging"),
            make.posthog("$autocapture", 3, "u", "$autocapture"),
            make.amplitude("auto", 3, "u", "session_start"),
            make.segment("page", "page", 3, userId="u", properties={"path": "/a?b=c#d"}),
            make.segment("screen", "screen", 3, userId="u", name="Home"),
        ],
        dict.fromkeys(("counts", "page", "screen"), ("acc", "identify", "acc")),
    )


def planned_level(make: Shapes) -> Case:
    all_levels = {"account": "acc", "workspace": "ws", "project": "p"}
    return Case(
        [
            make.typed("g1", 9, "acc", "account"),
            make.typed("g2", 9, "ws", "workspace", "acc"),
            make.typed("g3", 9, "p", "project", "ws"),
            make.amplitude("set", 5, "u", "$identify", groups=all_levels),
            make.amplitude("up", 4, "u", "Plan Upgraded"),
            make.amplitude("other", 4, "u"),
            make.track("at-ws", 3, "v", "ws", "plan.upgraded"),
        ],
        {
            "up": ("acc", "sticky", "acc"),
            "other": ("acc", "sticky", "p"),
            "at-ws": ("acc", "group", "ws"),
        },
    )


EDGES: dict[str, Callable[[Shapes], Case]] = {
    "a trait set by an old call that arrives late": late_trait,
    "group() is not carried by later track()s": group_is_not_carried,
    "vendors without hierarchy": no_hierarchy,
    "workspace or account left over in $groups after a switch": left_over,
    "groups dropped on events of anonymous actors": anonymous_actors,
    "group key on the user's profile, not on the event": group_on_the_profile,
    "a user signs in as another": signs_in_as_another,
    "newest user of a shared device takes all its anonymous history": shared_device,
    "keys joined by _": joined_keys,
    "a group that is named on events and never created": never_created,
    "a child is imported as an organization of its own": child_is_imported,
    "call after D; staging call; automatic event": staging_and_later,
    "plan.upgraded sent at workspace level": planned_level,
}


def company_of(company_id: str, case: Case, as_of: date) -> CompanyRows:
    company = CompanyRows(company_id, as_of)
    company.application("web")
    for org in case.imported:
        company.organization(org, (at(as_of - timedelta(days=20)), f"Imported {org}"))
    files = [
        call_file([call], f"{n}.jsonl", company.company_id) for n, call in enumerate(case.calls)
    ]
    add_calls(company, *files)
    return company
