"""Random companies with years of signals: phases of use, and subscriptions that come and go."""

from datetime import date, timedelta

from hypothesis import strategies as st

from tests.support.company_rows import CompanyRows, at, user
from tests.support.rule_strategies import SIGNALS, add_dismissal

LONGEST = 700
ORGANIZATIONS = ("north", "south", "east", "west")


@st.composite
def signal_histories(draw, as_of: date) -> CompanyRows:
    """Up to four organizations over years; in some of them signals open and close many times."""
    company = CompanyRows("drawn", as_of, draw(st.sampled_from(["EUR", "USD"])))
    for app_id in ("web", "mobile"):
        company.application(app_id)
    for org in ORGANIZATIONS[: draw(st.integers(2, 4))]:
        _add_use(draw, company, org)
        _add_subscriptions(draw, company, org)
    for signal_type, parameter, value in draw(
        st.lists(
            st.sampled_from(
                [
                    ("usage_drop", "max_ratio", "0.95"),
                    ("usage_drop", "min_previous_events", "1"),
                    ("inactive_paying", "inactive_days", "5"),
                    ("expansion_candidate", "min_health_score", "20"),
                    ("expansion_candidate", "min_previous_events", "0"),
                    ("revenue_at_risk", "max_health_score", "80"),
                    ("revenue_at_risk", "hold_days", "1"),
                    ("revenue_at_risk", "hold_days", "5"),
                    ("revenue_at_risk", "close_health_score", "90"),
                    ("usage_drop", "use_fleet", "0"),
                    ("usage_drop", "fleet_min_organizations", "2"),
                    ("usage_drop", "fleet_min_organizations", "1"),
                    ("usage_drop", "hold_days", "1"),
                    ("usage_drop", "hold_days", "4"),
                    ("usage_drop", "close_ratio", "1.1"),
                    ("usage_drop", "close_ratio", "0.7"),
                    ("inactive_paying", "hold_days", "2"),
                    ("expansion_candidate", "hold_days", "1"),
                    ("expansion_candidate", "close_ratio", "0.9"),
                    ("expansion_candidate", "use_fleet", "0"),
                ]
            ),
            max_size=9,
            unique_by=lambda rule: rule[:2],
        )
    ):
        rule = {"signal_type": signal_type, "parameter": parameter, "value": value}
        company.reference("signal_rules", rule)
    for _ in range(draw(st.integers(2, 8))):
        add_dismissal(draw, company, list(ORGANIZATIONS[:2]))
        _add_old_dismissal(draw, company)
    return company


def _add_use(draw, company: CompanyRows, org: str) -> None:
    back = draw(st.sampled_from([LONGEST, 500, 300]))
    while back > 0:
        length = draw(st.sampled_from([7, 20, 45, 90, 150]))
        every = draw(st.sampled_from([0, 1, 2, 4, 7, 9]))  # 0: silent
        app_id = draw(st.sampled_from(["web", "web", "mobile"]))
        for offset in range(0, min(length, back) if every else 0, every or 1):
            day = company.day(back - offset)
            company.event(org, at(day), app_id, user_hash=user(offset % 3))
        back -= length


def _add_subscriptions(draw, company: CompanyRows, org: str) -> None:
    """One after the other, with gaps; amounts and currencies change; some are paused."""
    applied_at = at(company.day(LONGEST + 10))
    company.organization(org, (applied_at, org.title()))
    back = draw(st.sampled_from([LONGEST, 650, 400, 200]))
    while back > 0:
        length = draw(st.sampled_from([30, 60, 89, 90, 91, 200, 365]))
        start = company.day(back)
        currency = draw(st.sampled_from(["EUR", "EUR", "USD", "GBP"]))
        later = []
        if draw(st.integers(0, 3)) == 0:
            pause = timedelta(days=draw(st.integers(5, 60)))
            later = [
                {"status": "paused", "valid_from": at(start + pause)},
                {"status": "active", "valid_from": at(start + 2 * pause)},
            ]
        company.subscription(
            org,
            draw(st.sampled_from(["10", "20", "20", "33.335", "100", "0"])),
            start,
            *later,
            applied_at=applied_at,
            end_at=start + timedelta(days=length - 1),
            currency=currency,
        )
        back -= length + draw(st.sampled_from([0, 0, 0, 1, 30, -10]))


def _add_old_dismissal(draw, company: CompanyRows) -> None:
    org, signal_type = draw(st.sampled_from(ORGANIZATIONS[:2])), draw(st.sampled_from(SIGNALS))
    day = company.day(draw(st.integers(0, LONGEST)))
    if not company.is_dismissed(org, signal_type, day):
        company.dismissal(org, signal_type, day, reason=f"as of {day}")
