"""Stories of calls: forests of groups that change, shared devices, users of several accounts."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.support import raw_warehouse as raw
from tests.support.call_events import EVENTS, group_traits, user_traits
from tests.support.call_rows import add_calls, call_file
from tests.support.call_writers import SEGMENT_FAMILY, USAGE, StoryCall, vendors_of, written_by
from tests.support.company_rows import CompanyRows, at

USERS = ["u1", "u2", "u3", "Ü 4", "undefined"]
DEVICES = ["d1", "d2", "u1"]
GROUPS = ["acc", "ACC", "acc_2", "ws", "ws_2", "p", "p_2", "søster 東"]
TYPES = ["account", "company", "Account Id", "workspace", "team", "project", "squad"]
CLOCKS = ["00:00:00", "09:00:00", "09:00:00", "09:00:00.250", "23:59:59"]
DELAYS = [timedelta(seconds=2), timedelta(seconds=2), timedelta(0), timedelta(days=3)]

_groups = st.sampled_from(GROUPS)
_typed = st.lists(st.tuples(st.sampled_from(TYPES), _groups), max_size=3, unique_by=lambda g: g[0])
_untyped = st.tuples(st.tuples(st.just(""), _groups))
_named = st.one_of(st.just(()), _typed.map(tuple), _untyped)
_moments = st.tuples(st.integers(-1, 12), st.sampled_from(CLOCKS))
_parents = st.one_of(_groups, _groups, st.none())


@st.composite
def story_calls(draw, as_of: date, name: str) -> StoryCall:
    """One call, around the as-of date."""
    kind = draw(
        st.sampled_from(["group", "group", "identify", "alias", "page", "screen"] + 5 * ["track"])
    )
    back, clock = draw(_moments)
    call = StoryCall(
        name,
        kind,
        at(as_of - timedelta(days=back), clock),
        delay=draw(st.sampled_from(DELAYS)),
    )
    who = draw(st.sampled_from(["user", "user", "device", "both"]))
    user, device = draw(st.sampled_from(USERS[:4])), draw(st.sampled_from(DEVICES))
    call = replace(
        call,
        user=None if who == "device" else user,
        anonymous=None if who == "user" else device,
    )
    return replace(call, **draw(_DETAILS[kind](user)))


def _group_details(user: str) -> st.SearchStrategy[dict[str, Any]]:
    typed = st.tuples(st.tuples(st.sampled_from([*TYPES, ""]), _groups))
    places = st.fixed_dictionaries({}, optional={"parent_group_id": _groups})
    traits = st.tuples(group_traits, places).map(lambda parts: parts[0] | parts[1])
    return st.fixed_dictionaries(
        {"groups": typed, "set_traits": traits},
        optional={
            "user": st.one_of(st.none(), st.just(user)),
            "unset": st.sampled_from([(), ("parent_group_id",), ("name",)]),
            "clears": st.sampled_from([False, False, True]),
        },
    ).map(_without_contradiction)


def _identify_details(user: str) -> st.SearchStrategy[dict[str, Any]]:
    places = st.fixed_dictionaries(
        {}, optional={"companyId": _groups, "primary_account_id": _groups}
    )
    traits = st.tuples(user_traits, places).map(lambda parts: parts[0] | parts[1])
    return st.fixed_dictionaries(
        {"set_traits": traits},
        optional={
            "groups": _named,
            "set_once": st.fixed_dictionaries({"account_id": _groups, "industry": st.just("art")}),
            "unset": st.sampled_from([(), ("account_id",), ("primary_account_id",), ("email",)]),
        },
    ).map(_without_contradiction)


def _usage_details(user: str) -> st.SearchStrategy[dict[str, Any]]:
    events = st.sampled_from(list(EVENTS)).flatmap(
        lambda name: EVENTS[name].map(lambda found: {"event": name, "properties": found})
    )
    rest = st.fixed_dictionaries(
        {"groups": _named},
        optional={
            "account_id": st.sampled_from([None, None, None, *GROUPS]),
            "path": st.sampled_from([None, "/", "/reports/42", "/Ä"]),
            "session": st.sampled_from([None, None, "s", 7]),
            "environment": st.sampled_from([None, None, None, "production", "staging"]),
        },
    )
    return st.tuples(events, rest).map(lambda parts: parts[0] | parts[1])


def _alias_details(user: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "user": st.just(user),
            "anonymous": st.none(),
            "previous": st.sampled_from([*DEVICES, *USERS[:3], "old"]),
        }
    )


def _without_contradiction(details: dict[str, Any]) -> dict[str, Any]:
    """A trait that is set is not unset by the same call: not every vendor can say that."""
    names = details["set_traits"].keys() | details.get("set_once", {}).keys()
    sets = {"account_id" if name == "companyId" else name for name in names}
    return {**details, "unset": tuple(n for n in details.get("unset", ()) if n not in sets)}


_DETAILS = {
    "group": _group_details,
    "identify": _identify_details,
    "alias": _alias_details,
    **dict.fromkeys(USAGE, _usage_details),
}


@st.composite
def stories(draw, as_of: date, longest: int = 40) -> list[StoryCall]:
    count = draw(st.integers(8, longest))
    return [draw(story_calls(as_of, f"m{number}")) for number in range(count)]


@st.composite
def written_stories(draw, as_of: date, longest: int = 40) -> list[tuple[str, dict[str, Any]]]:
    """Vendor and object of every call that some vendor can tell."""
    written = []
    for call in draw(stories(as_of, longest)):
        vendors = vendors_of(call)
        if vendors:
            vendor = draw(st.sampled_from(vendors))
            written.append((vendor, written_by(vendor, call)))
    return written


@st.composite
def companies_with_calls(draw, as_of: date) -> CompanyRows:
    """A company whose applications send calls, one of them flat events too."""
    company = CompanyRows("drawn", as_of)
    apps = ["web", "mobile"]
    for app_id in apps:
        company.application(
            app_id,
            identity_mode=draw(st.sampled_from(["user", "user", "user", "instance"])),
            pii_policy=draw(st.sampled_from(["hashed", "hashed", "allowed"])),
            mrr_unit=draw(st.sampled_from(["major", "major", "minor"])),
        )
    for org in draw(st.lists(_groups, max_size=3, unique=True)):
        company.organization(org, (at(company.day(10)), f"Imported {org}"))
        if draw(st.booleans()):
            currency = draw(st.sampled_from(["EUR", "EUR", "USD"]))
            company.subscription(
                org, "100", company.day(9), applied_at=at(company.day(8)), currency=currency
            )
    for _ in range(draw(st.integers(0, 3))):
        moment: datetime = at(company.day(draw(st.integers(0, 9))), "09:00:00")
        company.event(draw(_groups), moment, session_id=draw(st.sampled_from([None, "s"])))
    files = []
    for number, (vendor, written) in enumerate(draw(written_stories(as_of))):
        app_id = draw(st.sampled_from(["web", "web", "mobile"]))
        change = draw(st.sampled_from([None] * 8 + ["no time", "no id", "other content"]))
        if change == "no time":
            written = {key: value for key, value in written.items() if key not in _TIMES}
        elif change == "no id":
            written = {
                key: value for key, value in written.items() if key not in ("messageId", "uuid")
            }
        objects = (
            [written, {**written, **_OTHER[vendor]}] if change == "other content" else [written]
        )
        path = f"{vendor}/{number}.jsonl"
        files.append(call_file(objects, path, company.company_id, app_id, at(as_of)))
    add_calls(company, *files)
    for call in draw(st.lists(st.sampled_from(company.raw["calls"]), max_size=4)):
        earlier = timedelta(seconds=draw(st.sampled_from([1, 3600, 86_400])))
        receipt = raw.call_receipt_row(call, call["received_at"] - earlier)
        company.raw["call_receipts"].append(receipt)
    return company


_TIMES = ("timestamp", "originalTimestamp", "event_time", "$time")
_OTHER = {
    **{vendor: {"userId": "u2"} for vendor in SEGMENT_FAMILY},
    "amplitude": {"user_id": "u2"},
    "mixpanel": {"distinct_id": "u2"},
    "posthog": {"distinct_id": "u2"},
}
