"""Random companies: one draw is everything that one company sent and imported.

What is drawn is a short plan (bursts of events, subscriptions with their versions); the rows follow
from it. So a draw stays small while counts get large enough for thresholds to be met.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tests.support import raw_warehouse as raw
from tests.support.company_rows import CompanyRows, at, user
from tests.support.rule_strategies import add_dismissal, add_reference_rows

ORGANIZATIONS = ["acme", "ACME", "acme_inc", "42", "l'atelier", "søster 東", "null"]
EVENTS = ["page_view", "page", "login", "Login", "task_created", "taskXcreated", "50%_off"]
PATHS = [None, "/", "/reports/42", "/Reports/42", "/a_b", "/aXb", "/a%b", "/a.b?q=*", "/a\nb"]
ENVIRONMENTS = ["production", "production", "production", "live", "staging", "Staging"]
CURRENCIES = ["EUR", "USD", "GBP", "JPY"]
AMOUNTS = [
    "0",
    "0.0049",
    "0.005",
    "0.015",
    "10",
    "33.335",
    "99.99",
    "100",
    "100.0001",
    "1299.5",
    "333.3333",
    "1000000.4949",
]
STATUSES = ["active", "canceled", "paused", "void"]
CLOCKS = ["00:00:00", "09:30:00", "12:00:00", "23:30:00", "23:59:59"]
STEPS = [0, 1, 60, 1799, 1800, 1801, 5400]

_days_back = st.one_of(
    st.sampled_from([0, 1, 29, 30, 31, 59, 60, 61, 89, 90, 91, -1]), st.integers(-3, 130)
)


@st.composite
def companies(draw, as_of: date) -> CompanyRows:
    """A company as of a day; its id is given by whoever puts it into a world."""
    currency = draw(st.sampled_from(["EUR", "EUR", "USD", "JPY"]))
    company = CompanyRows("drawn", as_of, currency)
    apps = draw(st.lists(st.sampled_from(["web", "mobile", "1"]), min_size=1, unique=True))
    for app_id in apps:
        company.application(app_id, **draw(_application_settings()))
    orgs = draw(st.lists(st.sampled_from(ORGANIZATIONS), min_size=1, max_size=4, unique=True))
    kind = draw(st.sampled_from(["both", "both", "both", "both", "events", "revenue"]))
    if kind != "revenue":
        _add_events(draw, company, apps, orgs)
    if kind != "events":
        _add_imports(draw, company, orgs)
    add_reference_rows(draw, company, apps)
    known = {row["customer_org_id"] for row in company.raw["events"]} | {
        row["external_org_id"] for row in company.raw["organization_versions"]
    }
    for _ in range(draw(st.integers(0, 4)) if known else 0):
        add_dismissal(draw, company, sorted(known))
    return company


@st.composite
def _application_settings(draw) -> dict[str, str]:
    return {
        "identity_mode": draw(st.sampled_from(["user", "user", "instance", ""])),
        "session_inference": draw(st.sampled_from(["inactivity_gap", "", "fixed_bucket"])),
        "session_timeout_minutes": draw(st.sampled_from(["30", "", "30", "45"])),
    }


def _add_events(draw, company: CompanyRows, apps: list[str], orgs: list[str]) -> None:
    for number in range(draw(st.integers(2, 7))):
        _add_burst(draw, company, number, draw(st.sampled_from(apps)), draw(st.sampled_from(orgs)))
    events = company.raw["events"]
    for _ in range(draw(st.integers(0, 4))):
        original = events[draw(st.integers(0, len(events) - 1))]
        _add_conflict(draw, company, original, orgs)
    for _ in range(draw(st.integers(0, 4))):
        event = events[draw(st.integers(0, len(events) - 1))]
        earlier = timedelta(seconds=draw(st.sampled_from([1, 3600, 86_400])))
        company.receipt(event, event["received_at"] - earlier)


def _add_burst(draw, company: CompanyRows, number: int, app_id: str, org: str) -> None:
    """Some events a day, every few days, by one to three users."""
    first_back = draw(_days_back)
    length = draw(st.sampled_from([1, 2, 13, 30, 60, 90]))
    every = draw(st.sampled_from([1, 2, 3, 7]))
    per_day = draw(st.integers(1, 4))
    users = draw(st.integers(1, 3))
    clock, step = draw(st.sampled_from(CLOCKS)), draw(st.sampled_from(STEPS))
    names = draw(st.lists(st.sampled_from(EVENTS), min_size=1, max_size=2))
    paths = draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=3))
    client_session = draw(st.sampled_from([None, None, "daily", "always", "mixed"]))
    environment = draw(st.sampled_from(ENVIRONMENTS))
    is_dated_by_sender = draw(st.sampled_from([True, True, False]))
    delay = timedelta(seconds=draw(st.sampled_from([0, 0, 5, 90_000])))
    fraction = timedelta(milliseconds=draw(st.sampled_from([0, 250])))
    for offset in range(0, min(length, first_back + 3) or 1, every):
        day = company.day(first_back - offset)
        for i in range(per_day):
            moment = at(day, clock) + timedelta(seconds=i * step)
            session_id = {None: None, "daily": f"s{day:%d}", "always": "s"}.get(
                client_session, "s" if i % 2 else None
            )
            company.event(
                org,
                moment,
                app_id,
                event_id=f"{number}-{offset}-{i}",
                event=names[i % len(names)],
                path=paths[i % len(paths)],
                user_hash=user(i % users),
                session_id=session_id,
                environment=environment,
                **({} if is_dated_by_sender else {"ts_epoch": None}),
                received_at=moment + delay + (fraction * (i % 3)),
            )


def _add_conflict(draw, company: CompanyRows, original: dict, orgs: list[str]) -> None:
    """The same event id again with another content."""
    other_day = at(company.day(draw(_days_back))).replace(tzinfo=UTC)
    change = draw(
        st.sampled_from(
            [
                {"environment": "staging"},
                {"customer_org_id": orgs[-1]},
                {"ts_epoch": None},
                {"ts_epoch": int(other_day.timestamp())},
                {"event": "Zoom"},
                {"path": None},
                {"path": "/z"},
                {"user_hash": user("z")},
                {"session_id": None},
                {"session_id": "z"},
                {"plan": "gold"},
                {"properties": '{"a":1}'},
            ]
        )
    )
    received_at = original["received_at"] + timedelta(
        seconds=draw(st.sampled_from([0, 0, -60, 60]))
    )
    row = raw.event_row(**{**original, **change, "received_at": received_at})
    taken = {(r["app_id"], r["event_id"], r["content_hash"]) for r in company.raw["events"]}
    if (row["app_id"], row["event_id"], row["content_hash"]) not in taken:
        company.raw["events"].append(row)


def _add_imports(draw, company: CompanyRows, orgs: list[str]) -> None:
    for org in draw(st.lists(st.sampled_from(orgs), min_size=1, unique=True)):
        imported_at = draw(_moments(company))
        subscriptions = draw(st.integers(0, 3))
        applied = [draw(_moments(company)) for _ in range(subscriptions)]
        imported_at = min([imported_at, *applied])
        versions = [(imported_at, org.upper())]
        if draw(st.booleans()):
            versions.append((imported_at + timedelta(days=40), f"{org} renamed"))
        company.organization(org, *versions)
        for applied_at in applied:
            _add_subscription(draw, company, org, applied_at)


def _add_subscription(draw, company: CompanyRows, org: str, applied_at: datetime) -> None:
    start = draw(_anchors(company.as_of))
    end = draw(st.one_of(st.none(), st.none(), _anchors(company.as_of), st.just(start)))
    fields = {
        "end_at": None if end is None else max(start, end),
        "currency": draw(st.sampled_from([company.reporting_currency, *CURRENCIES])),
        "product_code": draw(st.sampled_from(["base", "Base", "seats"])),
        "source_system": draw(st.sampled_from([None, "stripe"])),
        "status": draw(st.sampled_from(["active", "active", *STATUSES])),
    }
    ends = _anchors(company.as_of).map(lambda day: max(start, day))
    changes = st.one_of(
        st.fixed_dictionaries({"status": st.sampled_from(STATUSES)}),
        st.fixed_dictionaries({"status": st.just("canceled"), "end_at": ends}),
        st.just({"status": "active", "end_at": None}),
        st.fixed_dictionaries({"mrr": st.sampled_from(AMOUNTS).map(Decimal)}),
        st.fixed_dictionaries({"end_at": st.one_of(st.none(), ends)}),
        st.just({"product_code": "addon"}),
    )
    later = []
    moment = applied_at
    for change in draw(st.lists(changes, max_size=4)):
        moment += timedelta(hours=draw(st.sampled_from([1, 24, 24 * 20, 24 * 45])))
        later.append({**change, "valid_from": moment})
    company.subscription(
        org, draw(st.sampled_from(AMOUNTS)), start, *later, applied_at=applied_at, **fields
    )


@st.composite
def _moments(draw, company: CompanyRows) -> datetime:
    """When something was applied."""
    back = draw(st.one_of(_days_back, st.sampled_from([200, 400])))
    return at(company.day(back), draw(st.sampled_from(["00:00:00", "10:00:00", "23:59:59.999999"])))


def _anchors(as_of: date) -> st.SearchStrategy[date]:
    """Days around which rules turn: month starts and ends, D, and any other."""
    month = as_of.replace(day=1)
    firsts = [month]
    for _ in range(14):
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    firsts.append((month + timedelta(days=32)).replace(day=1))
    ends = [first - timedelta(days=1) for first in firsts]
    near = [as_of + timedelta(days=offset) for offset in (-400, -30, -1, 0, 0, 1, 2)]
    return st.sampled_from(firsts + ends + near)
