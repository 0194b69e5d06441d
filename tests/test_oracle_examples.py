"""The oracle itself, on examples worked out by hand from the written definitions."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.oracle.company import Company
from tests.oracle.exact import round_half_up
from tests.oracle.features import matches
from tests.oracle.inputs import COMPONENTS, CompanyInputs, ExchangeRates, read_seeds
from tests.oracle.pages import fits
from tests.oracle.revenue import changes, concentration, median
from tests.oracle.signals import priority
from tests.oracle.usage_marts import page_metrics_daily
from tests.support.company_rows import CompanyRows, World, at, user
from tests.support.compare import agree, differences
from tests.support.worlds import PROJECT_SEEDS

D = date(2024, 3, 31)
NOON = at(D)


@pytest.fixture
def rows() -> CompanyRows:
    company = CompanyRows("co", D)
    company.application("web")
    return company


def computed(
    rows: CompanyRows, as_of: date = D, month_rule: str = "month_end", **shared
) -> Company:
    world = World(as_of, (rows,), shared)
    seeds = {**read_seeds(PROJECT_SEEDS)}
    seeds |= world.seed_rows(seeds)
    return Company(CompanyInputs(rows.company_id, as_of, world.raw_rows(), seeds, month_rule))


def paying(rows: CompanyRows, org: str, mrr: str = "100", since: date = D) -> None:
    rows.organization(org, (at(since), org))
    rows.subscription(org, mrr, since, applied_at=at(since))


def test_exactly_30_minutes_stay_one_session_and_a_second_more_starts_another(rows) -> None:
    for seconds in (0, 1800, 3601):
        rows.event("org", NOON + timedelta(seconds=seconds))
    assert sorted(len(session.events) for session in computed(rows).sessions) == [1, 2]


def test_fixed_buckets_cut_at_the_clock(rows) -> None:
    rows.seeds["applications"][0]["session_inference"] = "fixed_bucket"
    for clock in ("12:00:00", "12:29:59", "12:30:00"):
        rows.event("org", at(D, clock))
    assert sorted(len(session.events) for session in computed(rows).sessions) == [1, 2]


def test_two_users_share_a_client_session_and_the_first_event_names_it(rows) -> None:
    rows.event("org", NOON, session_id="s", event="b", user_hash=user("late"))
    rows.event("org", NOON, session_id="s", event="a", user_hash=user("early"))
    (session,) = computed(rows).sessions
    assert session.first.user_hash == user("early")


def test_the_content_received_first_wins_and_loses_if_it_is_not_production(rows) -> None:
    first = {"event_id": "x", "environment": "staging", "received_at": NOON}
    rows.event("org", NOON, **first)
    rows.event("org", NOON, event_id="x", received_at=NOON + timedelta(seconds=1))
    company = computed(rows)
    assert company.events == []
    assert [lost.environment for lost in company.lost_contents] == ["production"]


def test_an_earlier_receipt_dates_an_event_without_a_time(rows) -> None:
    event = rows.event("org", NOON, ts_epoch=None)
    rows.receipt(event, NOON - timedelta(days=1))
    assert computed(rows).events[0].occurred_at == NOON - timedelta(days=1)


def test_windows_hold_the_days_that_end_on_the_day(rows) -> None:
    for back in (0, 29, 30, 59, 60):
        rows.event("org", at(rows.day(back)), user_hash=user(back))
    metrics = computed(rows).metrics["all", "org", D]
    assert (metrics.events_30d, metrics.events_previous_30d) == (2, 2)
    assert (metrics.active_users_1d, metrics.active_users_7d, metrics.active_users_30d) == (1, 1, 2)
    assert metrics.days_since_last_seen == 0


def test_rows_begin_with_the_import_but_not_before_the_companys_first_event(rows) -> None:
    rows.organization("early", (at(rows.day(20)), "Early"))
    rows.organization("late", (at(rows.day(2)), "Late"))
    rows.event("org", at(rows.day(5)))
    days = [(org, day) for _, org, day in computed(rows).metrics]
    assert min(day for org, day in days if org == "early") == rows.day(5)
    assert min(day for org, day in days if org == "late") == rows.day(2)


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("task_*", "task_done", True),
        ("task_*", "taskXdone", False),
        ("/a*", "/a/b/c", True),
        ("/a", "/A", False),
        ("*", "", True),
        ("a*a", "a", False),
    ],
)
def test_patterns(pattern: str, value: str, expected: bool) -> None:
    assert matches(pattern, value) is expected


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/tasks/:id/edit", "/tasks/123/edit", True),
        ("/tasks/:id/edit", "/tasks//edit", False),
        ("/tasks/:id/edit", "/tasks/1/2/edit", False),
        ("/tasks/:id", "/tasks/1/", False),
        ("/:a/:b", "/x/y", True),
        ("/:a/*", "/x/y/z", True),
        ("/:a/*", "/x", False),
        ("/a.b", "/aXb", False),
        ("/a:id", "/a1", False),
    ],
)
def test_page_patterns(pattern: str, path: str, expected: bool) -> None:
    assert fits(pattern, path) is expected


def test_the_most_literal_pattern_names_the_page(rows) -> None:
    for pattern in ("/*", "/tasks/*", "/tasks/:id", "/tasks/new"):
        rows.page(pattern)
    for path in ("/tasks/new", "/tasks/7", "/tasks/7/x", "/help"):
        rows.event("org", NOON, path=path)
    pages = {row["path"] for row in page_metrics_daily(computed(rows))}
    assert pages == {"/tasks/new", "/tasks/:id", "/tasks/*", "/*"}


def test_a_path_pattern_needs_a_path(rows) -> None:
    rows.feature("any", match_path="*")
    rows.event("org", NOON)
    assert computed(rows).metrics["all", "org", D].features_used == 0


def test_health_of_one_day_of_use_without_features(rows) -> None:
    """Recency 100, frequency 100/12, trend 100, users 100; weights 25, 25, 20, 10 of 80."""
    rows.event("org", NOON)
    health = computed(rows).health["all", "org", D]
    expected = (25 + Fraction(25, 12) + 20 + 10) * Fraction(100, 80)
    assert health.score == round_half_up(expected, 1) == Decimal("71.4")
    assert (health.band, health.main_driver) == ("healthy", "frequency")
    assert [c.component for c in health.components] == list(COMPONENTS)
    assert health.components[3].weight is None


def test_absent_for_30_days_is_no_recent_activity_with_a_score(rows) -> None:
    rows.event("org", at(rows.day(30)))
    health = computed(rows).health["all", "org", D]
    assert (health.score, health.band) == (Decimal("0.0"), "no_recent_activity")


def test_never_seen_has_no_score(rows) -> None:
    rows.organization("org", (NOON, "Org"))
    health = computed(rows).health["all", "org", D]
    assert (health.score, health.main_driver) == (None, None)


def test_half_cents_round_up() -> None:
    assert round_half_up(Fraction(1005, 1000), 2) == Decimal("1.01")
    assert round_half_up(Fraction(-1005, 1000), 2) == Decimal("-1.01")


def test_the_last_rate_on_or_before_the_day_else_the_first() -> None:
    rates = ExchangeRates(
        (("USD", date(2024, 1, 10), Fraction(2)), ("USD", date(2024, 2, 10), Fraction(4)))
    )
    on = {day: rates.convert(Decimal(8), "USD", "EUR", day) for day in (date(2024, 1, 1), D)}
    assert list(on.values()) == [Decimal("4.00"), Decimal("2.00")]


def test_a_pause_counts_from_the_day_it_was_applied(rows) -> None:
    rows.organization("org", (datetime(2024, 1, 1), "Org"))
    pause = {"status": "paused", "valid_from": datetime(2024, 3, 10, 9)}
    rows.subscription("org", "50", date(2023, 12, 1), pause, applied_at=datetime(2024, 1, 1))
    revenue = computed(rows).revenue
    days = (date(2023, 12, 1), date(2024, 3, 9), date(2024, 3, 10))
    assert [revenue.total(day) for day in days] == [50, 50, 0]


@pytest.mark.parametrize(
    ("applied", "taken_back", "counting"),
    [
        (date(2024, 2, 1), date(2024, 3, 1), [50, 50, 50, 50]),  # before the end of 10 March
        (date(2024, 2, 1), date(2024, 3, 20), [50, 50, 0, 50]),
        (date(2024, 3, 15), date(2024, 3, 20), [50, 50, 0, 50]),  # first known when over
        (date(2024, 3, 15), date(2024, 3, 15), [50, 50, 50, 50]),
    ],
)
def test_a_cancellation_is_judged_by_its_own_end(rows, applied, taken_back, counting) -> None:
    back = {"status": "active", "end_at": None, "valid_from": at(taken_back)}
    canceled = {"status": "canceled", "end_at": date(2024, 3, 10), "applied_at": at(applied)}
    rows.subscription("org", "50", date(2024, 1, 1), back, **canceled)
    revenue = computed(rows).revenue
    days = (date(2024, 1, 1), date(2024, 3, 10), date(2024, 3, 19), date(2024, 3, 20))
    assert [revenue.total(day) for day in days] == counting


@pytest.mark.parametrize(
    ("month_rule", "months", "churn"),
    [
        ("month_end", [400, 200, 100], [0, 200, 200]),
        ("any_day_in_month", [400, 500, 200], [0, 0, 300]),
    ],
)
def test_months_by_either_rule(month_rule: str, months: list, churn: list) -> None:
    """The worked example of docs/metrics.md, "Month value"."""
    as_of, january = date(2026, 3, 20), date(2026, 1, 10)
    rows = CompanyRows("co", as_of)
    for org, start, end in [
        ("last-day", january, date(2026, 2, 28)),
        ("day-before", january, date(2026, 2, 27)),
        ("within", date(2026, 2, 5), date(2026, 2, 12)),
        ("this-month", january, date(2026, 3, 5)),
    ]:
        rows.subscription(org, "100", start, applied_at=at(january), end_at=end)
    pause = {"status": "paused", "valid_from": datetime(2026, 2, 20)}
    resume = {"status": "active", "valid_from": datetime(2026, 3, 2)}
    rows.subscription("paused", "100", january, pause, resume, applied_at=at(january))
    company = computed(rows, as_of=as_of, month_rule=month_rule)
    assert [company.revenue.month_total(month) for month in company.revenue.months()] == months
    monthly = [company.movements.monthly(month) for month in company.movements.months]
    assert [-month["churn"] for month in monthly] == churn
    assert company.revenue.total(as_of) == 100


def test_movements_close_and_fx_is_the_rest(rows) -> None:
    """100 USD at 2 per euro, then 120 USD at 4: 50 € to 30 €, +5 € of it expansion."""
    rates = [
        {"rate_date": day, "currency": "USD", "units_per_eur": units}
        for day, units in (("2024-02-01", "2"), ("2024-03-01", "4"))
    ]
    rows.organization("org", (datetime(2024, 2, 1), "Org"))
    for mrr, start in (("100", date(2024, 2, 1)), ("20", date(2024, 3, 1))):
        rows.subscription("org", mrr, start, applied_at=datetime(2024, 2, 1), currency="USD")
    movements = computed(rows, exchange_rates=rates).movements
    assert movements.rows() == [
        {
            "external_org_id": "org",
            "month": date(2024, month, 1),
            "movement": kind,
            "amount": Decimal(amount),
        }
        for month, kind, amount in (
            (2, "new", "50.00"),
            (3, "expansion", "5.00"),
            (3, "fx", "-25.00"),
        )
    ]
    retention = movements.retention(date(2024, 3, 1))
    # At the rates of March 100 USD are 25 €, and 120 are 30.
    assert (retention["opening_constant"], retention["churn_constant"]) == (25, 0)
    assert (retention["nrr"], retention["grr"]) == (Fraction(30, 25), 1)


def test_changes_of_the_month_go_by_dates(rows) -> None:
    rows.as_of = D
    rows.organization("org", (datetime(2024, 1, 1), "Org"))
    periods = [
        (date(2024, 3, 1), None),
        (date(2024, 1, 1), date(2024, 3, 30)),
        (date(2024, 3, 2), date(2024, 3, 3)),
        (date(2024, 1, 1), D),
    ]
    for start, end in periods:
        rows.subscription("org", "10", start, applied_at=at(start), end_at=end, status="paused")
    counts = {r["change_type"]: r["subscriptions"] for r in changes(computed(rows).revenue)}
    assert counts == {
        "started": 1,
        "ended": 1,
        "started_and_ended": 1,
        "scheduled_start": 0,
        "scheduled_end": 1,
        "net": 0,
    }


def test_median_and_concentration(rows) -> None:
    for org, mrr in (("a", "60"), ("b", "30"), ("c", "10")):
        paying(rows, org, mrr)
    figures = concentration(computed(rows).revenue)
    assert median([Decimal(1), Decimal(4)]) == Fraction(5, 2)
    assert (figures["top_1_share"], figures["orgs_for_half"], figures["orgs_for_80_pct"]) == (
        Fraction(6, 10),
        1,
        2,
    )
    assert figures["herfindahl"] == Fraction(46, 100)


def test_priority_of_the_worst_and_of_the_mildest_case() -> None:
    assert priority(Fraction(1), Fraction(1)) == Decimal("100.0")
    assert priority(Fraction(0), Fraction(0)) == Decimal("7.5")


def test_six_of_ten_is_a_drop_and_seven_of_ten_is_not(rows) -> None:
    for org, last in (("six", 6), ("seven", 7)):
        paying(rows, org, since=rows.day(50))
        for back, count in ((40, 10), (1, last)):
            for _ in range(count):
                rows.event(org, at(rows.day(back)))
    drops = [s for s in computed(rows).held if s.signal_type == "usage_drop" and s.scope == "all"]
    on_d = [(signal.external_org_id, signal.severity) for signal in drops if signal.day == D]
    # It is on for both since the days without an event, but for the second its condition is over.
    assert sorted(on_d) == [("seven", 0), ("six", Fraction(1, 7))]
    assert [s.external_org_id for s in drops if s.day == D and s.is_condition_met] == ["six"]


def test_a_dismissed_episode_ends_and_the_next_one_is_active(rows) -> None:
    paying(rows, "org", since=rows.day(100))
    rows.event("org", at(rows.day(100)))
    rows.event("org", at(rows.day(40)))
    rows.dismissal("org", "inactive_paying", rows.day(50), reason="on leave")
    episodes = [
        episode
        for episode in computed(rows).episodes
        if (episode.first.scope, episode.first.signal_type) == ("all", "inactive_paying")
    ]
    assert [(e.first.day, e.closed_on, e.status) for e in episodes] == [
        (rows.day(70), rows.day(40), "resolved"),
        (rows.day(10), None, "active"),
    ]
    assert [e.dismissal and e.dismissal.reason for e in episodes] == ["on leave", None]


def test_paying_and_never_seen_is_onboarding(rows) -> None:
    paying(rows, "org", since=rows.day(3))
    company = computed(rows)
    assert company.case_type("org") == "onboarding"
    assert company.priority("org") == Decimal("100.0")


def test_the_comparison_sees_a_missing_a_repeated_a_wrong_and_an_extra_row() -> None:
    expected = [{"id": 1, "n": 1}, {"id": 2, "n": 2}, {"id": 3, "n": 3}]
    actual = [{"id": 1, "n": 1}, {"id": 2, "n": 0}, {"id": 4, "n": 4}, {"id": 4, "n": 4}]
    assert len(differences(("id",), expected, actual)) == 4
    assert not differences(("id",), expected, expected)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (None, 0),
        (0, None),
        (1, True),
        (1, 1.0),
        (Decimal("1.00"), 1.0),
        (Decimal("1.1"), 1.1000001),
        (Fraction(1, 3), 0.3334),
        (D, NOON),
    ],
)
def test_values_that_only_look_alike_differ(expected, actual) -> None:
    assert not agree(expected, actual)
