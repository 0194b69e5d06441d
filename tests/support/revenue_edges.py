"""Companies built by hand whose revenue or signals lie exactly on a rule's edge."""

from datetime import date, datetime, timedelta

from tests.support.company_rows import CompanyRows, at, user


def money_edges(as_of: date) -> CompanyRows:
    """Amounts whose conversion ends on half a cent, large ones, and ties in size."""
    company = CompanyRows("money-edges", as_of)
    company.application("web")
    amounts = [
        ("1.005", "EUR"),
        ("2.675", "EUR"),
        ("0.005", "EUR"),
        ("0.0049", "EUR"),
        ("1.1450", "EUR"),
        ("8.0350", "EUR"),
        ("999999999.995", "EUR"),
        ("999999999999.9949", "JPY"),
        ("0.5", "JPY"),
        ("1234567.8951", "USD"),
        ("0", "USD"),
    ]
    for number, (amount, currency) in enumerate(amounts):
        org = f"org-{number}"
        moment = at(company.day(200))
        company.organization(org, (moment, org))
        company.subscription(org, amount, company.day(200), applied_at=moment, currency=currency)
    return company


def crowd(as_of: date) -> CompanyRows:
    """Two dozen paying organizations, several of one size."""
    company = CompanyRows("crowd", as_of, "GBP")
    company.application("web")
    for number in range(24):
        org, moment = f"org-{number:02}", at(company.day(400))
        company.organization(org, (moment, org))
        start = company.day(390 - 16 * number)
        company.subscription(
            org,
            f"{10 + 15 * (number % 5)}",
            start,
            applied_at=moment,
            currency=("GBP", "EUR", "USD")[number % 3],
            end_at=None if number % 4 else company.day(16 * (number % 6)),
        )
        for back in range(0, number, 2):
            company.event(org, at(company.day(back)), user_hash=user(back % 3))
    return company


def own_currency(as_of: date) -> CompanyRows:
    """Reports in a currency without any rate, and sells in nothing else."""
    company = CompanyRows("own-currency", as_of, "UAH")
    company.application("web")
    company.organization("org", (at(company.day(50)), "Org"))
    company.subscription("org", "4100.555", company.day(45), applied_at=at(company.day(50)))
    return company


def dismissals(as_of: date) -> CompanyRows:
    """One episode after another, dismissed before, at every point of, and after it."""
    company = CompanyRows("dismissals", as_of)
    company.application("web")
    company.application("device", identity_mode="instance")
    offsets = (-2, 0, 1, 29, 30, 31, 59, 60, 61, 99)
    for back in offsets:
        org = f"org-{back}"
        company.organization(org, (at(company.day(120)), org))
        company.subscription(org, "50", company.day(120), applied_at=at(company.day(120)))
        for seen in (110, 109, 61, 60):
            company.event(org, at(company.day(seen)), ("web", "device")[seen % 2])
        company.dismissal(org, "inactive_paying", company.day(back), reason=f"{back}")
        company.dismissal(org, "inactive_paying", company.day(back - 1), reason="later")
        company.dismissal(org, "revenue_at_risk", company.day(back), dismissed_by="success")
    company.dismissal("org-0", "usage_drop", as_of, valid_from=at(as_of), reason="first said")
    first = company.raw["dismissal_versions"][-1]
    company.raw["dismissal_versions"].append(
        {**first, "version_number": 2, "reason": "then said", "dismissed_by": "support"}
    )
    return company


def months(as_of: date) -> CompanyRows:
    """Subscriptions that begin and end with months, pause, resume, move and overlap."""
    company = CompanyRows("months", as_of, "USD")
    company.application("web")
    first = as_of.replace(day=1)
    last_year = first.replace(year=first.year - 1)
    before = first - timedelta(days=1)

    def add(org: str, start: date, end: date | None, mrr: str = "100", **fields) -> None:
        if not any(r["external_org_id"] == org for r in company.raw["organization_versions"]):
            company.organization(org, (datetime(2020, 1, 1), org))
        moment = datetime(2020, 1, 2)
        company.subscription(org, mrr, start, applied_at=moment, end_at=end, **fields)

    for number, (start, end) in enumerate(
        [
            (last_year, None),
            (last_year, before),
            (last_year, first),
            (first, first),
            (first, None),
            (before, before),
            (as_of, None),
            (as_of, as_of),
            (as_of + timedelta(days=1), None),
            (last_year, as_of),
            (last_year, as_of + timedelta(days=1)),
            (last_year, as_of - timedelta(days=1)),
        ]
    ):
        add(f"org-{number}", start, end, currency=("USD", "EUR")[number % 2])
    add("gap", last_year, last_year + timedelta(days=70))
    add("gap", last_year + timedelta(days=150), None)
    add("moved", last_year, before, "100")
    add("moved", first, None, "100", currency="EUR")
    add("overlap", last_year, as_of, "30")
    add("overlap", before, None, "45", product_code="seats")
    add("undated", last_year, None, status="canceled")
    return company


def ladders(as_of: date) -> CompanyRows:
    """Organizations whose MRR goes up, down, away and back, in several currencies."""
    company = CompanyRows("ladders", as_of)
    company.application("web")
    steps = {
        "up-and-down": ["100 EUR", "120 EUR", "80 EUR", "", "80 EUR", "80.01 EUR", "79 EUR"],
        "foreign": ["100 USD", "120 USD", "120 USD", "60 USD", "", "", "60 USD"],
        "switches": ["100 USD", "100 GBP", "100 JPY", "100 EUR", "100 USD", "99 USD", "1 GBP"],
        "half-cents": ["10.005 EUR", "10.01 EUR", "10.025 EUR", "10.015 EUR", "0.004 EUR"],
        "mixed": ["50 USD+50 GBP", "60 USD+45 GBP", "40 USD+60 GBP", "90 GBP", "0 USD+90 GBP"],
    }
    month = as_of.replace(day=1)
    months = [month]
    for _ in range(15):
        months.insert(0, (months[0] - timedelta(days=1)).replace(day=1))
    for org, amounts in steps.items():
        company.organization(org, (at(months[0]), org))
        for number, start in enumerate(months):
            next_start = (start + timedelta(days=32)).replace(day=1)
            for part in filter(None, amounts[number % len(amounts)].split("+")):
                mrr, currency = part.split()
                company.subscription(
                    org,
                    mrr,
                    start,
                    applied_at=at(months[0]),
                    currency=currency,
                    end_at=next_start - timedelta(days=1),
                )
    return company


def restated(as_of: date) -> CompanyRows:
    """A closed month that was said to have MRR and that no row counts in any more."""
    company = CompanyRows("restated", as_of)
    company.application("web")
    company.organization("org", (at(company.day(200)), "Org"))
    company.subscription("org", "20", company.day(140), applied_at=at(company.day(130)))
    undated = {"end_at": None, "valid_from": at(company.day(124))}
    company.subscription(
        "org",
        "10",
        company.day(200),
        undated,
        applied_at=at(company.day(125)),
        status="canceled",
        end_at=company.day(160),
    )
    return company


def pauses(as_of: date) -> CompanyRows:
    """Rows paused and resumed within a month, over its end, on its days and on a leap day."""
    company = CompanyRows("pauses", as_of)
    company.application("web")
    first = (as_of.replace(day=1) - timedelta(days=1)).replace(day=1)
    ends = first - timedelta(days=1)
    stays = {
        "within": [(first + timedelta(days=3), 5), (first + timedelta(days=10), 3)],
        "over-the-end": [(ends - timedelta(days=2), 5)],
        "the-last-day": [(ends, 1)],
        "the-first-day": [(first, 1)],
        "all-of-it": [(ends.replace(day=1), ends.day)],
        "leap-day": [(date(2024, 2, 28), 1), (date(2024, 2, 29), 1)],
    }
    for number, (org, pauses_of_org) in enumerate(stays.items()):
        company.organization(org, (datetime(2020, 1, 1), org))
        later = []
        for start, length in pauses_of_org:
            later.append({"status": "paused", "valid_from": at(start)})
            resumed = at(start + timedelta(days=length), "08:00:00")
            later.append({"status": "active", "valid_from": resumed})
        company.subscription(
            org,
            "70.07",
            date(2023, 11, 30),
            *later,
            applied_at=datetime(2023, 12, 1),
            currency=("EUR", "USD")[number % 2],
        )
    return company


def second_thoughts(as_of: date) -> CompanyRows:
    """Cancellations taken back before, on and after their ends, mistakes, late first imports."""
    company = CompanyRows("second-thoughts", as_of, "USD")
    company.application("web")
    start, end = company.day(300), company.day(100)

    def canceled(back: int, until: date | None = end) -> dict:
        return {"status": "canceled", "end_at": until, "valid_from": at(company.day(back))}

    def active(back: int, until: date | None = None) -> dict:
        return {"status": "active", "end_at": until, "valid_from": at(company.day(back))}

    def other(status: str, back: int) -> dict:
        return {"status": status, "valid_from": at(company.day(back))}

    histories = {
        "before": [active(280), canceled(150), active(120)],
        "on-the-last-day": [active(280), canceled(150), active(100)],
        "a-day-later": [active(280), canceled(150), active(99)],
        "long-after": [active(280), canceled(150), active(20)],
        "first-known-canceled": [canceled(60), active(30)],
        "first-known-to-end": [canceled(150), active(120), canceled(90, company.day(80))],
        "end-moved": [canceled(150), canceled(120, company.day(40)), active(45)],
        "end-moved-after-it": [canceled(150), canceled(50, company.day(40))],
        "twice-in-a-day": [canceled(150), other("paused", 150), active(120)],
        "undated-then-dated": [active(280), canceled(150, None), canceled(90)],
        "a-mistake": [active(280), canceled(150), other("void", 10)],
        "no-mistake-after-all": [active(280), other("void", 150), active(90)],
        "a-mistake-from-the-first": [other("void", 280)],
    }
    for number, (org, versions) in enumerate(histories.items()):
        company.organization(org, (datetime(2020, 1, 1), org))
        first, *later = versions
        applied_at = first.pop("valid_from")
        company.subscription(
            org,
            "40.40",
            start,
            *later,
            applied_at=applied_at,
            currency=("USD", "EUR")[number % 2],
            **first,
        )
    return company


REVENUE_EDGES = (
    money_edges,
    crowd,
    own_currency,
    dismissals,
    months,
    ladders,
    restated,
    pauses,
    second_thoughts,
)
