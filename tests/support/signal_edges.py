"""Companies built by hand whose signals lie exactly on an edge of the rules."""

from datetime import date

from tests.support.company_rows import CompanyRows, at, user

# `inactive_paying` of the organizations below: held from the 70th to the 41st day before D, when
# the organization was seen once, and again from the 10th day before D on.
DISMISSED_DAYS_BACK = (71, 70, 55, 41, 40, 11, 10, 5, 0, -1)
FIRST_EPISODE, SECOND_EPISODE = (70, 41), (10, 0)


# The values of steady signals with which a signal is on exactly on the days of its condition.
NEUTRAL = (
    ("revenue_at_risk", "hold_days", "1"),
    ("revenue_at_risk", "close_health_score", "40"),
    ("usage_drop", "use_fleet", "0"),
    ("usage_drop", "hold_days", "1"),
    ("usage_drop", "close_ratio", "0.7"),
    ("expansion_candidate", "use_fleet", "0"),
    ("expansion_candidate", "hold_days", "1"),
    ("expansion_candidate", "close_ratio", "1.3"),
)


def keep_neutral(company: CompanyRows, *own: tuple[str, str, str]) -> None:
    """Give the company own rows with which its signals are not steadied; ``own`` come first."""
    rules = {rule[:2]: rule[2] for rule in (*NEUTRAL, *own)}
    for (signal_type, parameter), value in rules.items():
        rule = {"signal_type": signal_type, "parameter": parameter, "value": value}
        company.reference("signal_rules", rule)


def dismissals(as_of: date) -> CompanyRows:
    """One history many times over, dismissed at every point of an episode and beside it."""
    company = CompanyRows("dismissed-days", as_of)
    company.application("web")
    company.application("mobile")
    orgs = {f"dismissed-{back}": [back] for back in DISMISSED_DAYS_BACK}
    orgs |= {"never": [], "twice": [5, 8], "both": [60, 3]}
    for org, days_back in orgs.items():
        company.organization(org, (at(company.day(200)), org))
        company.subscription(org, "10", company.day(200), applied_at=at(company.day(200)))
        for back in (130, 100, 40):
            company.event(org, at(company.day(back)), "web")
        company.event(org, at(company.day(100)), "mobile")
        for back in days_back:
            company.dismissal(org, "inactive_paying", company.day(back), reason=f"{back}")
    return company


def three_revenue_at_risk(as_of: date) -> CompanyRows:
    """The signal, the segment and the KPI of one name, with three sums.

    The score is 100 on the day of the last event and falls by 2.5 a day: 40.0 after 24 days.
    """
    company = CompanyRows("three-risks", as_of)
    keep_neutral(company)
    company.application("web")
    for name in ("recency", "frequency", "trend", "breadth", "users"):
        component = {"component": name, "weight": "100" if name == "recency" else "0"}
        ends = {"score_0_at": "40", "score_100_at": "0"}
        if name != "recency":
            ends = {"score_0_at": "0", "score_100_at": "1"}
        company.reference("health_model", component | ends)
    for band, least in (("healthy", "70"), ("watch", "40")):
        company.reference("health_bands", {"health_band": band, "min_score": least})
    # days since the last event, MRR: the band at_risk is below 40 within the last 30 days
    for org, (back, mrr) in {
        "healthy": (0, "400"),
        "low-but-above-40": (16, "300"),
        "exactly-40": (24, "120"),
        "below-40": (25, "150"),
        "gone": (35, "100"),
        "small": (0, "50"),
    }.items():
        company.organization(org, (at(company.day(90)), org))
        company.subscription(org, mrr, company.day(90), applied_at=at(company.day(90)))
        company.event(org, at(company.day(back)))
    company.organization("never-seen", (at(company.day(90)), "never-seen"))
    company.subscription("never-seen", "20", company.day(90), applied_at=at(company.day(90)))
    return company


def ratios(as_of: date) -> CompanyRows:
    """Default rules: exactly 0.7 and 1.3 times as many events, and one event beside; two scopes."""
    company = CompanyRows("ratios", as_of)
    keep_neutral(company)
    company.application("web")
    company.application("mobile")
    pairs = [(10, 7), (10, 6), (9, 0), (90, 63), (90, 62), (10, 13), (10, 12), (90, 117), (70, 91)]
    for previous, last in pairs:
        org = f"{previous}-to-{last}"
        company.organization(org, (at(company.day(100)), org))
        company.subscription(org, "10", company.day(100), applied_at=at(company.day(100)))
        for newest_back, count in ((31, previous), (1, last)):
            for i in range(count):
                day = company.day(newest_back + i % 28)
                company.event(org, at(day), user_hash=user(i % 5))
        # In another application the drop is offset, so that the two scopes differ.
        for back in range(0, 28, 7):
            company.event(org, at(company.day(back)), "mobile", user_hash=user(back % 5))
    return company


def backtest_horizons(as_of: date) -> CompanyRows:
    """Losses, openings and churns on the last day of the 90 and on the day beside it.

    `inactive_paying` opens 30 days after an event; days are counted back from D.
    """
    company = CompanyRows("backtest-horizons", as_of)
    company.application("web")
    company.event("early", at(company.day(400)))
    every_20_days = list(range(130, 0, -20))
    for org, (seen, ends) in {
        "lost-90": ([230], [(111, "10")]),
        "lost-91": ([230], [(110, "10")]),
        "compared-lost-90": ([210], [(111, "10")]),
        "compared-lost-91": ([210], [(110, "10")]),
        "compared-kept": ([210], [(0, "10")]),
        "opened-90": ([120], [(0, "10")]),
        "opened-89": ([119], [(0, "10")]),
        "more-then-less": ([180], [(150, "10"), (61, "20"), (0, "5")]),
        "less-then-gone": ([180], [(100, "30"), (60, "10")]),
        "warned-90": ([230, 139, *every_20_days], [(51, "100")]),
        "warned-91": ([230, 140, *every_20_days], [(51, "1000")]),
        "foreign": ([230], [(0, "40")]),
    }.items():
        company.organization(org, (at(company.day(380)), org))
        start = company.day(380)
        for last_back, mrr in ends:
            end = company.day(last_back) if last_back else None
            currency = "USD" if org == "foreign" else "EUR"
            company.subscription(
                org, mrr, start, applied_at=at(company.day(380)), end_at=end, currency=currency
            )
            start = company.day(last_back - 1)
        for back in seen:
            company.event(org, at(company.day(back)))
    return company


def steady(as_of: date) -> CompanyRows:
    """Shipped rules but for a fleet of two: drops that hold for two days and for three, and stay.

    Three organizations had 40 events; the use of two of them falls by half, which makes the fleet.
    """
    company = CompanyRows("steady", as_of)
    company.application("web")
    rule = {"signal_type": "usage_drop", "parameter": "fleet_min_organizations", "value": "2"}
    company.reference("signal_rules", rule)
    for org, every in {"half": 2, "also-half": 2, "most": 8, "level": 1, "fading": 4}.items():
        company.organization(org, (at(company.day(130)), org))
        company.subscription(org, "10", company.day(130), applied_at=at(company.day(130)))
        for back in range(120):
            if back > 40 or back % every == 0:
                company.event(org, at(company.day(back)))
    return company


SIGNAL_EDGES = (steady, dismissals, three_revenue_at_risk, ratios, backtest_horizons)
