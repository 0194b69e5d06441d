"""Forests of groups on an edge of the rules for chains, with what must come out."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise

from tests.support.call_edges import EDGES, Case, company_of
from tests.support.call_shapes import Shapes
from tests.support.company_rows import CompanyRows


def circle(make: Shapes) -> Case:
    return Case(
        [
            make.typed("g1", 9, "a", "workspace", "b"),
            make.typed("g2", 9, "b", "workspace", "c"),
            make.typed("g3", 9, "c", "workspace", "a"),
            make.typed("g4", 9, "below", "project", "a"),
            make.typed("g5", 9, "self", "workspace", "self"),
            make.typed("g6", 9, "acc", "account"),
            # The circle is over as soon as c hangs below an account.
            make.typed("g7", "4 00:00:00", "c", "workspace", "acc"),
            make.track("in", 5, "u", "a"),
            make.track("under", 5, "v", "below"),
            make.track("self-parent", 5, "w", "self"),
            make.track("opened", 3, "x", "below"),
        ],
        {
            "in": ("a", "top_group", "a"),
            "under": ("a", "top_group", "below"),
            "self-parent": ("self", "top_group", "self"),
            "opened": ("acc", "group", "below"),
        },
    )


def over_ten(make: Shapes) -> Case:
    names = ["acc", *(f"g{n:02}" for n in range(1, 13))]
    calls = [make.typed("top", 9, "acc", "account")]
    calls += [
        make.typed(f"d-{child}", 9, child, "project", parent) for parent, child in pairwise(names)
    ]
    eleven = [f"c{n:02}" for n in range(11)]
    calls += [
        make.typed(f"d-{child}", 9, child, "project", parent)
        for parent, child in pairwise([*eleven, eleven[0]])
    ]
    return Case(
        [
            *calls,
            make.track("ten", 3, "u", "g10"),
            make.track("eleven", 3, "v", "g11"),
            make.track("twelve", 3, "w", "g12"),
            make.track("long-circle", 3, "x", "c05"),
        ],
        {
            "ten": ("acc", "group", "g10"),
            "eleven": ("g11", "top_group", "g11"),
            "twelve": ("g12", "top_group", "g12"),
            "long-circle": ("c05", "top_group", "c05"),
        },
    )


def parents(make: Shapes) -> Case:
    unset = make.group("g5", 4, "ws", parent_group_id=None)
    return Case(
        [
            make.typed("g1", 9, "ws", "workspace", "acc"),
            make.typed("g2", 9, "p", "project", "ws"),
            make.track("never-defined", 5, "u", "p"),
            unset,
            make.track("removed", 3, "v", "p"),
            # A group without a type that has a parent is no account.
            make.group("g6", 9, "untyped", parent_group_id="acc"),
            make.track("no-type", 3, "w", "untyped"),
        ],
        {
            "never-defined": ("acc", "group", "p"),
            "removed": ("ws", "top_group", "p"),
            "no-type": ("acc", "group", "untyped"),
        },
    )


def two_parents(make: Shapes) -> Case:
    later = make.typed("a-late", "5 10:00:00", "m", "project", "acc_2")
    later["receivedAt"] = make.moment("5 11:00:00").isoformat() + "Z"
    return Case(
        [
            make.typed("p1", 9, "p", "project", "acc_1"),
            make.track("before-parent", 9, "u", "p"),
            make.typed("acc1", 8, "acc_1", "account"),
            make.typed("p2", "5 10:00:00", "p", "project", "acc_2"),
            make.typed("p3", "5 11:00:00", "p", "project", "acc_3"),
            make.track("first", "5 09:59:59", "u", "p"),
            make.track("second", "5 10:00:00", "u", "p"),
            make.track("third", "5 11:00:00.500", "u", "p"),
            # One moment: the later receipt counts, then the greater id.
            later,
            make.typed("b-early", "5 10:00:00", "m", "project", "acc_1"),
            make.track("receipt", 4, "v", "m"),
            make.typed("id-a", "5 10:00:00", "n", "project", "acc_1"),
            make.typed("id-b", "5 10:00:00", "n", "project", "acc_2"),
            make.track("id", 4, "w", "n"),
            make.track("long-before", 12, "x", "n"),
        ],
        {
            "before-parent": ("acc_1", "group", "p"),
            "first": ("acc_1", "group", "p"),
            "second": ("acc_2", "group", "p"),
            "third": ("acc_3", "group", "p"),
            "receipt": ("acc_2", "group", "m"),
            "id": ("acc_2", "group", "n"),
            "long-before": ("acc_2", "group", "n"),
        },
    )


def cleared(make: Shapes) -> Case:
    deleted = {"$group_key": "workspace", "$group_id": "ws", "$delete": "null"}
    deleted["$time"] = make.moment(4).timestamp()
    return Case(
        [
            make.typed("g1", 9, "ws", "workspace", "acc"),
            make.track("hangs", 5, "u", "ws"),
            {**deleted, "$time": make.moment(4).isoformat() + "Z"},
            make.track("gone", 3, "v", "ws"),
            make.identify("i1", 9, "w", account_id="acc"),
            make.identify("absent", 7, "w", plan="pro"),
            make.track("unchanged", 6, "w"),
            make.identify("null", 5, "w", account_id=None),
            make.track("unset", 4, "w"),
        ],
        {
            "hangs": ("acc", "group", "ws"),
            "gone": ("ws", "top_group", "ws"),
            "unchanged": ("acc", "identify", "acc"),
            "unset": None,
        },
    )


GROUP_EDGES: dict[str, Callable[[Shapes], Case]] = {
    "circle, self-parent": circle,
    "chain over 10": over_ten,
    "parent never defined, parent removed": parents,
    "group call before its parent's; parent changes twice in a day": two_parents,
    "account deleted ($delete), trait set to null, trait absent": cleared,
}

ALL_EDGES = {**EDGES, **GROUP_EDGES}


def edge_company_id(name: str) -> str:
    return f"calls-{list(ALL_EDGES).index(name):02}"


def call_edges(as_of: date) -> list[CompanyRows]:
    """A company of every case, as of a day."""
    return [
        company_of(edge_company_id(name), case(Shapes(as_of)), as_of)
        for name, case in ALL_EDGES.items()
    ]
