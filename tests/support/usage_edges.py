"""Companies built by hand whose usage lies exactly on a rule's edge."""

from datetime import date, timedelta
from itertools import product

from tests.oracle.events import first_plausible_day
from tests.support.company_rows import CompanyRows, at, user
from tests.support.rule_strategies import EVENT_PATTERNS, PAGE_PATTERNS, PATH_PATTERNS
from tests.support.signal_edges import keep_neutral
from tests.support.strategies import EVENTS, PATHS

REGEXP_SIGNS = [*".(]^$|\\%_'東", "a+", "[a", "{2}", "a?", "\\E", "\\d"]


def empty(as_of: date) -> CompanyRows:
    """Registered, and nothing else."""
    company = CompanyRows("empty", as_of)
    company.application("web")
    return company


def session_edges(as_of: date) -> CompanyRows:
    company = CompanyRows("session-edges", as_of)
    company.application("web")
    company.application("short", session_timeout_minutes="5")
    company.application("bucket", session_inference="fixed_bucket")
    for app_id in ("web", "short", "bucket"):
        for org, gap in (("at", 1800), ("over", 1801), ("five", 300), ("six", 301)):
            for turn in range(4):
                moment = at(as_of, "11:59:30") + timedelta(seconds=turn * gap)
                path = f"/{turn}" if turn % 2 else None
                company.event(org, moment, app_id, event="page_view", path=path)
    for org, hours in (("day", 0), ("overlong", 1)):
        start = at(company.day(2), "20:00:00")
        for moment in (start, start + timedelta(hours=24, seconds=hours)):
            company.event(org, moment, session_id="s")
    for name in ("b", "a"):
        company.event("shared", at(as_of), session_id="both", user_hash=user(name), path="/x")
    for event, path in (("b", "/b"), ("a", None), ("a", "/a"), ("A", "/A")):
        company.event("same-second", at(as_of), event=event, path=path)
    # Within one second the name decides, not the fraction; a gap is measured with it.
    for event, clock in (("b", "12:00:00.100"), ("a", "12:00:00.900"), ("c", "12:30:00.500")):
        moment = at(as_of, clock)
        company.event(
            "fractions", moment, ts_epoch=None, received_at=moment, event=event, path=f"/{event}"
        )
    company.event("midnight", at(as_of, "23:59:59"))
    company.event("midnight", at(as_of, "23:59:59") + timedelta(seconds=1))
    return company


def conflicts(as_of: date) -> CompanyRows:
    """Ids with several contents, where every column but one is equal."""
    company = CompanyRows("conflicts", as_of)
    company.application("web")
    noon = at(as_of)
    pairs = [
        ({"ts_epoch": None, "event": "z"}, {"event": "a"}),
        ({"event": "a"}, {"event": "B"}),
        ({"path": None}, {"path": "/"}),
        ({"user_hash": user("a")}, {"user_hash": user("b")}),
        ({"session_id": None}, {"session_id": "s"}),
        ({"environment": "preview"}, {"environment": "staging"}),
        ({"plan": None}, {"plan": "gold"}),
        ({"properties": None}, {"properties": "{}"}),
        ({"properties": '{"a":1}'}, {"properties": '{"a":2}'}),
    ]
    for number, (first, second) in enumerate(pairs):
        for order, contents in (("x", (first, second)), ("y", (second, first))):
            for content in contents:
                fields = {"event_id": f"{number}{order}", "session_id": f"s{number}", **content}
                company.event("org", noon, received_at=noon, **fields)
    late = company.event("org", noon, event_id="late", event="z", received_at=noon)
    company.event("org", noon, event_id="late", event="a", received_at=noon)
    company.receipt(late, noon - timedelta(seconds=1))
    undated = company.event("org", noon, event_id="undated", ts_epoch=None, received_at=noon)
    company.receipt(undated, noon - timedelta(days=40))
    return company


def usage_thresholds(as_of: date) -> CompanyRows:
    """Events of the last and the previous 30 days exactly on and beside the ratios."""
    company = CompanyRows("usage-edges", as_of)
    company.application("web")
    keep_neutral(
        company,
        ("expansion_candidate", "min_ratio", "1.1"),
        ("expansion_candidate", "close_ratio", "1.1"),
        ("expansion_candidate", "min_health_score", "1"),
    )
    for number, (previous, last) in enumerate(
        [(10, 7), (10, 6), (9, 1), (10, 11), (10, 10), (30, 33), (70, 77), (70, 49), (20, 44)]
    ):
        org = f"org-{number}"
        company.organization(org, (at(company.day(70)), org))
        company.subscription(
            org, f"{10 * (number % 3 + 1)}", company.day(70), applied_at=at(company.day(70))
        )
        for back, count in ((30, previous), (0, last)):
            for i in range(count):
                company.event(org, at(company.day(back + i % 3)), user_hash=user(i % 4))
    for back in (29, 30, 89, 90, 91):
        org = f"seen-{back}"
        company.organization(org, (at(company.day(100)), org))
        company.subscription(org, "25", company.day(100), applied_at=at(company.day(100)))
        company.event(org, at(company.day(back)))
    return company


def health_edges(as_of: date) -> CompanyRows:
    """Scores exactly on a band's edge, or a half above the tenth below it."""
    company = CompanyRows("health-edges", as_of, "USD")
    for app_id in ("a", "b", "c"):
        company.application(app_id)
    company.reference(
        "health_model",
        {"component": "recency", "weight": "69.95", "score_0_at": "30", "score_100_at": "0"},
        {"component": "frequency", "weight": "30.05", "score_0_at": "1", "score_100_at": "10"},
        *(
            {"component": name, "weight": "0", "score_0_at": "0", "score_100_at": "1"}
            for name in ("trend", "breadth", "users")
        ),
    )
    for back in range(31):
        org = f"back-{back}"
        company.event(org, at(company.day(back)), "a")
        company.organization(org, (at(company.day(10)), org))
        company.subscription(
            org, f"{20 + back}.10", company.day(10), applied_at=at(company.day(10))
        )
    keep_neutral(
        company,
        ("revenue_at_risk", "max_health_score", "70"),
        ("revenue_at_risk", "close_health_score", "70"),
        ("expansion_candidate", "min_previous_events", "1"),
        ("expansion_candidate", "min_ratio", "1"),
        ("expansion_candidate", "close_ratio", "1"),
    )
    # Seen today and on one earlier day: the score is 69.95, which is 70.0, on every rule's edge.
    for back in (0, 31):
        company.event("on-the-edge", at(company.day(back)), "c")
    for active_days in range(1, 11):
        for back in range(active_days):
            company.event(f"days-{active_days}", at(company.day(back * 2)), "b")
    return company


def band_edges(as_of: date) -> CompanyRows:
    """Scores of whole tens, so exactly on the bands; an application without user counts."""
    company = CompanyRows("band-edges", as_of)
    company.application("web")
    company.application("shared", identity_mode="instance")
    company.feature("reports", match_path="/reports/*", app_id="web")
    _model(company, frequency="100", frequency_100_at="10")
    for band, min_score in (("healthy", "70"), ("watch", "40")):
        company.reference("health_bands", {"health_band": band, "min_score": min_score})
    for days in range(1, 11):
        for back in range(days):
            app_id = ("web", "shared")[days % 2]
            company.event(f"days-{days}", at(company.day(back * 3)), app_id)
    return company


def equal_moves(as_of: date) -> CompanyRows:
    """Every event has a user of its own, so events and users move the score by equal points."""
    company = CompanyRows("equal-moves", as_of)
    company.application("web")
    _model(company, trend="12.5", users="12.5", frequency="1", frequency_100_at="30")
    for org, last_back in (("falls", 0), ("stops", 20), ("gone", 35)):
        for back in range(last_back, 110):
            for number in range(1 + (back > 25) + (back > 40)):
                moment = at(company.day(back)) + timedelta(minutes=number)
                company.event(org, moment, user_hash=user(f"{back}-{number}"))
    return company


def _model(company: CompanyRows, frequency_100_at: str, **weights: str) -> None:
    """The company's own health model: components without a given weight have none."""
    lines = {
        "recency": ("30", "0"),
        "frequency": ("0", frequency_100_at),
        **dict.fromkeys(("trend", "breadth", "users"), ("0.5", "1")),
    }
    company.reference(
        "health_model",
        *(
            {
                "component": component,
                "weight": weights.get(component, "0"),
                "score_0_at": score_0_at,
                "score_100_at": score_100_at,
            }
            for component, (score_0_at, score_100_at) in lines.items()
        ),
    )


def patterns(as_of: date) -> CompanyRows:
    """Every event name with every path, against features of every pattern."""
    company = CompanyRows("patterns", as_of)
    for app_id in ("web", "other"):
        company.application(app_id)
    for number, pattern in enumerate(EVENT_PATTERNS):
        company.feature(f"event-{number}", match_event=pattern, app_id=("*", "web")[number % 2])
        company.feature("several", match_event=pattern[:3])
    for number, pattern in enumerate(PATH_PATTERNS):
        company.feature(f"path-{number}", match_path=pattern, app_id=("*", "other")[number % 2])
        company.feature("both", "p*", pattern, "web")
    # The company's own row of a feature that one world defines for all companies.
    company.feature("everything", match_event="login")
    for back, (event, path) in enumerate(product(EVENTS, PATHS)):
        for app_id in ("web", "other"):
            org = f"org-{back % 3}"
            moment = at(company.day(back + back % 2))
            company.event(org, moment, app_id, event=event, path=path, user_hash=user(back % 4))
    return company


def pages(as_of: date) -> CompanyRows:
    """Paths that patterns match in part, in several ways, or only if a sign were no sign."""
    company = CompanyRows("pages", as_of)
    for app_id in ("web", "other", "plain"):
        company.application(app_id)
    for pattern in PAGE_PATTERNS:
        company.page(pattern, "web")
    for sign in REGEXP_SIGNS:
        company.page(f"/s/{sign}/:id", "other")
        company.page(f"*/{sign}", "*")
    for pattern in ("/t/:id", "/t/:name", "/t/*", "/t/new", "/t/:id/*", "/t/:id/:of", "/:id/"):
        company.page(pattern, "other")
    for pattern in ("/t/*", "/r*"):
        company.page(pattern)
    signs = [f"/s/{sign}{rest}" for sign in REGEXP_SIGNS for rest in ("/1", "", "x/1")]
    tasks = [
        "/t/1",
        "/t/new",
        "/t/",
        "/t//",
        "/t/1/",
        "/t/1/2",
        "/t/1/2/3",
        "/T/1",
        "/t/:id",
        "/7/",
    ]
    for number, path in enumerate([*PATHS[1:], *signs, *tasks, "/s/aa/1", "/s/%x/1"]):
        for app_id in ("web", "other", "plain"):
            org, moment = f"org-{number % 3}", at(company.day(number % 2))
            name = ("page_view", "login")[number % 2]
            company.event(org, moment, app_id, event=name, path=path, user_hash=user(number % 4))
    return company


def dead_clocks(as_of: date) -> CompanyRows:
    """Events of 1970 and of the day before the first plausible one, beside true ones and alone."""
    company = CompanyRows("dead-clocks", as_of)
    company.application("web")
    company.application("mobile")
    long_ago = at(first_plausible_day(as_of) - timedelta(days=1), "23:59:59")
    for number, moment in enumerate((at(date(1970, 1, 1), "00:00:01"), long_ago)):
        for org in ("alone", "imported", "mixed"):
            company.event(f"{org}-{number}", moment, path="/", session_id="s")
        company.event(f"mixed-{number}", at(company.day(3)), "mobile", path="/", session_id="s")
        company.organization(f"imported-{number}", (at(company.day(9)), "Imported"))
    company.event("received", at(date(1971, 2, 3)), ts_epoch=None)
    return company


def plan_labels(as_of: date) -> CompanyRows:
    """The newest label counts, though the newest event has none; of one moment the first."""
    company = CompanyRows("plan-labels", as_of)
    company.application("web")
    company.application("mobile")
    for org in ("moved", "tied"):
        company.event(org, at(company.day(40)), plan="team")
        company.event(org, at(company.day(9)), "mobile", plan="zz-business")
        company.event(org, at(company.day(2)))
    company.event("tied", at(company.day(9)), plan="business")
    company.event("unnamed", at(company.day(1)))
    return company


USAGE_EDGES = (
    empty,
    session_edges,
    conflicts,
    usage_thresholds,
    health_edges,
    band_edges,
    equal_moves,
    patterns,
    pages,
    dead_clocks,
    plan_labels,
)
