"""Revenue on D: KPIs, trend, by health, by product, concentration, changes of the month."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracle.days import last_day_of_month, previous_month
from tests.oracle.exact import ZERO_MONEY, money, money_ratio, ratio
from tests.oracle.health import Health
from tests.oracle.inputs import ALL, BANDS, Row
from tests.oracle.mrr import Revenue, Subscription

SEGMENTS = ("champions", "expansion", "revenue_at_risk", "low_value")
GOOD_HEALTH = 70


def kpis(revenue: Revenue, health: dict[str, Health]) -> Row:
    """``health`` holds the organizations' health on D, over all applications."""
    paying = revenue.by_organization(revenue.as_of)
    mrr = sum(paying.values(), ZERO_MONEY)
    previous = revenue.previous_month_total()
    return {
        "mrr": mrr,
        "arr": 12 * mrr,
        "paying_orgs": len(paying),
        "arpa": money_ratio(mrr, len(paying)),
        "revenue_at_risk": sum(
            (amount for org, amount in paying.items() if health[org].band == "at_risk"),
            ZERO_MONEY,
        ),
        "mrr_previous_month": previous,
        "mrr_change": mrr - previous,
        "mrr_change_rate": ratio(mrr - previous, previous),
    }


def trend(revenue: Revenue) -> list[Row]:
    months = revenue.months()
    rows = []
    for age, month in enumerate(reversed(months)):
        values = revenue.month_value(month)
        mrr = sum(values.values(), ZERO_MONEY)
        before = ZERO_MONEY
        if month > months[0]:
            before = sum(revenue.month_value(previous_month(month)).values(), ZERO_MONEY)
        rows.append(
            {
                "month": month,
                "mrr": mrr,
                "arr": 12 * mrr,
                "mrr_previous": before,
                "mrr_change": mrr - before,
                "mrr_change_rate": ratio(mrr - before, before),
                "paying_orgs": len(values),
                "arpa": money_ratio(mrr, len(values)),
                "months_ago": age,
                "is_partial": age == 0 and revenue.as_of != last_day_of_month(revenue.as_of),
            }
        )
    return rows


def by_health(revenue: Revenue, health: dict[str, Health]) -> list[Row]:
    paying = revenue.by_organization(revenue.as_of)
    total = sum(paying.values(), ZERO_MONEY)
    rows = []
    for band in BANDS:
        amounts = [mrr for org, mrr in paying.items() if health[org].band == band]
        mrr = sum(amounts, ZERO_MONEY)
        rows.append(
            {
                "health_band": band,
                "mrr": mrr,
                "organizations": len(amounts),
                "share_of_mrr": ratio(mrr, total),
            }
        )
    return rows


def by_health_monthly(revenue: Revenue, health: dict[tuple, Health]) -> list[Row]:
    """The band of the day whose MRR is the month's value; without a score by then, no activity."""
    rows = []
    for month in revenue.months():
        paying, day = revenue.month_value(month), revenue.value_day(month)
        bands = {
            org: known.band if (known := health.get((ALL, org, day))) else "no_recent_activity"
            for org in paying
        }
        total = sum(paying.values(), ZERO_MONEY)
        for band in BANDS:
            amounts = [mrr for org, mrr in paying.items() if bands[org] == band]
            mrr = sum(amounts, ZERO_MONEY)
            rows.append(
                {
                    "month": month,
                    "health_band": band,
                    "mrr": mrr,
                    "organizations": len(amounts),
                    "share_of_mrr": ratio(mrr, total),
                }
            )
    return rows


def median(amounts: list[Decimal]) -> Fraction | None:
    """The middle one, or the mean of the middle two."""
    ordered = sorted(amounts)
    half = len(ordered) // 2
    if not ordered:
        return None
    if len(ordered) % 2:
        return Fraction(ordered[half])
    return Fraction(ordered[half - 1] + ordered[half]) / 2


def segments(revenue: Revenue, health: dict[str, Health]) -> dict[str, str]:
    """The Revenue × Health segment of every paying organization."""
    paying = revenue.by_organization(revenue.as_of)
    threshold = median(list(paying.values()))

    def segment(org: str, mrr: Decimal) -> str:
        score = health[org].score
        is_good, is_high = score is not None and score >= GOOD_HEALTH, mrr >= threshold
        if is_good:
            return "champions" if is_high else "expansion"
        return "revenue_at_risk" if is_high else "low_value"

    return {org: segment(org, mrr) for org, mrr in paying.items()}


def matrix(revenue: Revenue, health: dict[str, Health]) -> list[Row]:
    paying = revenue.by_organization(revenue.as_of)
    total = sum(paying.values(), ZERO_MONEY)
    segment_of = segments(revenue, health)
    rows = []
    for name in SEGMENTS:
        orgs = [org for org, segment in segment_of.items() if segment == name]
        mrr = sum((paying[org] for org in orgs), ZERO_MONEY)
        scores = [Fraction(health[o].score) for o in orgs if health[o].score is not None]
        rows.append(
            {
                "segment": name,
                "organizations": len(orgs),
                "mrr": mrr,
                "share_of_mrr": ratio(mrr, total),
                "avg_health_score": sum(scores) / len(scores) if scores else None,
                "avg_mrr": money_ratio(mrr, len(orgs)),
            }
        )
    return rows


def top_organizations(revenue: Revenue) -> list[Row]:
    """All paying organizations, by MRR, then id."""
    day = revenue.as_of
    paying = revenue.by_organization(day)
    total = sum(paying.values(), ZERO_MONEY)
    running = ZERO_MONEY
    rows = []
    for rank, org in enumerate(sorted(paying, key=lambda org: (-paying[org], org)), start=1):
        running += paying[org]
        counting = [s for s in revenue.counting(day) if s.external_org_id == org]
        rows.append(
            {
                "external_org_id": org,
                "rank": rank,
                "mrr": paying[org],
                "share_of_mrr": ratio(paying[org], total),
                "cumulative_share": ratio(running, total),
                "active_subscriptions": len(counting),
                "products": len({s.product_code for s in counting}),
            }
        )
    return rows


def by_product(revenue: Revenue) -> list[Row]:
    """Products with at least one subscription that counts on D."""
    day = revenue.as_of
    total = revenue.total(day)
    rows = []
    for product in sorted({s.product_code for s in revenue.counting(day)}):
        counting = [s for s in revenue.counting(day) if s.product_code == product]
        by_org: dict[str, Decimal] = {}
        for subscription in counting:
            org = subscription.external_org_id
            by_org[org] = by_org.get(org, ZERO_MONEY) + revenue.amount_on(subscription, day)
        mrr = sum(by_org.values(), ZERO_MONEY)
        rows.append(
            {
                "product_code": product,
                "mrr": mrr,
                "share_of_mrr": ratio(mrr, total),
                "active_subscriptions": len(counting),
                "paying_orgs": sum(amount > 0 for amount in by_org.values()),
            }
        )
    return rows


def concentration(revenue: Revenue) -> Row:
    amounts = sorted(revenue.by_organization(revenue.as_of).values(), reverse=True)
    total = sum(amounts, ZERO_MONEY)
    decile = max(len(amounts) // 10, 1)
    return {
        **{f"top_{n}_share": ratio(sum(amounts[:n]), total) for n in (1, 5, 10)},
        "top_decile_share": ratio(sum(amounts[:decile]), total),
        "orgs_for_half": orgs_to_reach(amounts, Fraction(1, 2)),
        "orgs_for_80_pct": orgs_to_reach(amounts, Fraction(4, 5)),
        "herfindahl": sum(ratio(a, total) ** 2 for a in amounts) if amounts else None,
    }


def orgs_to_reach(amounts: list[Decimal], share: Fraction) -> int | None:
    goal = share * Fraction(sum(amounts))
    for count in range(1, len(amounts) + 1):
        if Fraction(sum(amounts[:count])) >= goal:
            return count
    return None


def changed_rows(revenue: Revenue) -> dict[str, list[Subscription]]:
    """What started and ended since the previous month's end, by dates; void rows never were."""
    today = revenue.as_of
    before = today.replace(day=1) - timedelta(days=1)
    month_end = last_day_of_month(today)

    def in_between(s: Subscription) -> bool:
        return before < s.start_at and s.end_at is not None and s.end_at < today

    rules = {
        "started": lambda s: not s.is_within_dates(before) and s.is_within_dates(today),
        "ended": lambda s: s.is_within_dates(before) and not s.is_within_dates(today),
        "started_and_ended": in_between,
        "scheduled_start": lambda s: today < s.start_at <= month_end,
        "scheduled_end": lambda s: (
            s.is_within_dates(today) and s.end_at is not None and s.end_at <= month_end
        ),
    }
    known = [s for s in revenue.subscriptions if not s.is_void]
    return {name: [s for s in known if rule(s)] for name, rule in rules.items()}


def change_details(revenue: Revenue) -> list[Row]:
    """The rows behind the changes of the month."""
    day = revenue.as_of
    return [
        {
            "change_type": name,
            "subscription_id": s.subscription_id,
            "external_org_id": s.external_org_id,
            "mrr": revenue.amount_on(s, day),
        }
        for name, found in changed_rows(revenue).items()
        for s in found
    ]


def changes(revenue: Revenue) -> list[Row]:
    """Their sums, and what started less what ended."""
    rows = {
        name: change_row(revenue, name, found, revenue.as_of)
        for name, found in changed_rows(revenue).items()
    }
    started, ended = rows["started"], rows["ended"]
    net = {
        "change_type": "net",
        "mrr": started["mrr"] - ended["mrr"],
        "subscriptions": started["subscriptions"] - ended["subscriptions"],
        "organizations": None,
    }
    return [*rows.values(), net]


def change_row(revenue: Revenue, name: str, rows: list[Subscription], day: date) -> Row:
    return {
        "change_type": name,
        "mrr": money(sum(revenue.amount_on(s, day) for s in rows)),
        "subscriptions": len(rows),
        "organizations": len({s.external_org_id for s in rows}),
    }
