"""The demo's subscriptions: what each organization pays, by its story."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from ingestion.demo.organizations import Organization
from ingestion.demo.profiles import COMPANIES, Size

_CURRENCIES = {company.company_id: company.currencies for company in COMPANIES}
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Subscription:
    """One subscription row, before it is written in one of the many forms of CSV exports."""

    organization: Organization
    product_code: str
    mrr: Decimal
    currency: str
    start_at: date
    end_at: date | None = None
    status: str = "active"


def build_subscriptions(size: Size, organizations: Sequence[Organization]) -> list[Subscription]:
    """All subscriptions, by organization; no two share organization, product and start."""
    built: list[Subscription] = []
    steady = dict.fromkeys(_CURRENCIES, 0)
    for organization in organizations:
        if not organization.is_imported or organization.story == "imported_only":
            continue
        rng = Random(f"{size.seed}:billing:{organization.number}")
        rows = list(_by_story(organization, size, rng))
        if organization.story == "steady":
            rows += _this_month(rows[-1], steady[organization.company_id], size)
            steady[organization.company_id] += 1
        built.extend(rows)
    return built


def _by_story(organization: Organization, size: Size, rng: Random) -> Iterator[Subscription]:
    story, since = organization.story, organization.customer_since
    seats = max(1, round(organization.users * (1 + rng.random())))
    unit = {"free": 0, "team": 1_200, "business": 2_900}[organization.plan] + rng.randrange(400)
    cents = 0 if story == "free" else 4_900 + seats * unit
    core = Subscription(
        organization=organization,
        product_code="free" if story == "free" else f"core-{organization.plan}",
        mrr=Decimal(cents if rng.random() < 0.4 else cents // 100 * 100) / 100,
        currency=rng.choice(_CURRENCIES[organization.company_id]),
        start_at=since,
    )
    if story == "churned":
        # The contract runs on for a while after the last session, and may end a bit after D.
        end_at = organization.last_day + timedelta(days=rng.randrange(25))
        yield replace(core, end_at=max(end_at, since))
    elif story == "reactivated":
        yield replace(core, end_at=max(organization.gap_from, since))
        yield replace(core, start_at=max(organization.gap_to, since + 2 * _DAY))
    elif story in ("steady", "growing", "fading") and rng.random() < 0.5:
        # A price change in time is two rows.
        age = (size.as_of - since).days
        change_on = since + timedelta(days=1 + rng.randrange(max(age - 10, 1)))
        rate = Decimal("0.75") if story == "fading" else Decimal("1.20")
        yield replace(core, end_at=change_on - _DAY)
        yield replace(core, start_at=change_on, mrr=(core.mrr * rate).quantize(Decimal("0.01")))
    else:
        yield core
    if story in ("steady", "growing", "declining") and rng.random() < 0.35:
        addon = rng.choice(("addon-analytics", "addon-support"))
        mrr = Decimal(19 + 10 * rng.randrange(20))
        start_at = since + timedelta(days=rng.randrange(max((size.as_of - since).days, 1)))
        yield replace(core, product_code=addon, mrr=mrr, start_at=start_at)


def _this_month(row: Subscription, position: int, size: Size) -> Iterator[Subscription]:
    """One of the changes that the current month and the odd states of exports are made of."""
    month_start, as_of = size.as_of.replace(day=1), size.as_of
    addon = replace(row, end_at=None, product_code="addon-seats", mrr=Decimal("149.90"))
    earlier = month_start - timedelta(days=200)
    if position == 0:
        yield replace(addon, start_at=max(month_start, as_of - 4 * _DAY))
    elif position == 1:
        yield replace(addon, start_at=earlier, end_at=max(month_start, as_of - 3 * _DAY) - _DAY)
    elif position == 2:
        yield replace(addon, start_at=month_start, end_at=max(month_start, as_of - 2 * _DAY))
    elif position == 3:
        yield replace(addon, start_at=as_of + 2 * _DAY)
    elif position == 4:
        yield replace(addon, start_at=earlier, end_at=as_of + 2 * _DAY)
    elif position == 5:
        yield replace(addon, start_at=earlier, status="paused")
    elif position == 6:
        yield replace(addon, start_at=earlier, status="canceled")
    elif position == 7:
        ended = as_of - 40 * _DAY
        yield replace(addon, start_at=earlier, status="canceled", end_at=ended)
