"""Companies built by hand whose events come late, whose ids differ, or whose plan is used up."""

from datetime import date, timedelta

from tests.support.company_rows import CompanyRows, at, user


def delays(as_of: date) -> CompanyRows:
    """Receipts exactly on, and a fraction of a second beside, each limit of lateness."""
    company = CompanyRows("delays", as_of)
    company.application("web")
    company.application("other")
    for number, limit in enumerate((0, 3_600, 86_400, 604_800)):
        for beside in (-1, -0.25, 0, 0.25, 1):
            for app_id in ("web", "other"):
                moment = at(company.day(number // 2))
                received_at = moment + timedelta(seconds=limit + beside)
                company.event(
                    f"org-{beside}", moment, app_id, received_at=received_at, user_hash=user(number)
                )
    for minute in range(3):
        moment = at(company.day(5)) + timedelta(minutes=minute)
        company.event("one-session", moment, received_at=moment + timedelta(days=2))
    return company


def plan_limits(as_of: date) -> CompanyRows:
    """One event fewer than 40 in a month, 40, and one more; and a month without any."""
    company = CompanyRows("plan-limits", as_of)
    for app_id in ("web", "mobile"):
        company.application(app_id)
    month = as_of.replace(day=1)
    for events in (0, 39, 0, 40, 41):
        for number in range(events):
            app_id = ("web", "mobile")[number % 2]
            company.event("org", at(month) + timedelta(minutes=number), app_id)
        month = (month - timedelta(days=1)).replace(day=1)
    return company


def mismatches(as_of: date) -> CompanyRows:
    """Ids spelled in many ways, some imported and some sent; and no plan."""
    company = CompanyRows("mismatches", as_of)
    company.seeds["companies"][0]["plan"] = ""
    company.application("web")
    sent = [
        "Big Co",
        "BIG-CO",
        "b.i.g_c.o",
        "big+co",
        "bigco",
        "-",
        "..",
        "søster",
        "42",
        "42.0",
        "a b",
    ]
    imported = ["big_co", "Big Co", "_", "SØSTER", "4.2", "4,2", "420", "a\tb"]
    for number, org in enumerate(sent):
        for back in range(number + 1):
            company.event(org, at(company.day(back)))
    company.event("Big_Co", at(company.day(-1)))
    company.event("b_i_g_co", at(as_of), environment="staging")
    for number, org in enumerate(imported):
        applied_at = at(company.day(number * 20))
        company.organization(org, (applied_at, org), (applied_at + timedelta(1), f"{org} Ltd"))
        company.subscription(org, f"{number}.5", company.day(20), applied_at=applied_at)
    return company


QUALITY_EDGES = (delays, plan_limits, mismatches)
