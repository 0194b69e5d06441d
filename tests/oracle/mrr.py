"""MRR: which subscription rows count on a day, and for how much."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from tests.oracle.days import last_day_of_month, months_between, previous_month
from tests.oracle.exact import ZERO_MONEY
from tests.oracle.inputs import CompanyInputs, Row


@dataclass(frozen=True)
class Version:
    """What one applied state of a subscription row says about counting."""

    applied_on: date
    status: str
    end_at: date | None

    def allows(self, day: date) -> bool:
        """Whether the row may count on a day on which this version is in force."""
        if self.status == "canceled" and self.end_at is not None:
            return day < self.applied_on or day <= self.end_at
        return self.status == "active"


@dataclass(frozen=True)
class Subscription:
    """One subscription row: values of its newest version, and every version's own word."""

    subscription_id: str
    external_org_id: str
    product_code: str
    mrr_original: Decimal
    currency: str
    start_at: date
    end_at: date | None
    source_system: str | None
    source_subscription_id: str | None
    versions: tuple[Version, ...]
    first_imported_at: datetime
    last_changed_at: datetime

    @property
    def is_void(self) -> bool:
        return self.versions[-1].status == "void"

    def in_force_on(self, day: date) -> Version:
        """The newest version applied by then; before the first, the first."""
        applied = [version for version in self.versions if version.applied_on <= day]
        return applied[-1] if applied else self.versions[0]

    def status_on(self, day: date) -> str:
        return "void" if self.is_void else self.in_force_on(day).status

    def is_within_dates(self, day: date) -> bool:
        return self.start_at <= day and (self.end_at is None or day <= self.end_at)

    def counts_on(self, day: date) -> bool:
        if self.is_void or not self.is_within_dates(day):
            return False
        return self.in_force_on(day).allows(day)

    def counts_between(self, first: date, last: date) -> bool:
        """Whether it counts on any of the days; what counts can change only on its turns."""
        turns = [first, self.start_at, *(version.applied_on for version in self.versions)]
        return any(first <= day <= last and self.counts_on(day) for day in turns)

    def first_counting_day(self, last: date) -> date | None:
        """The first day on or before ``last`` on which the row counts."""
        turns = [self.start_at, *(version.applied_on for version in self.versions)]
        return min((day for day in turns if day <= last and self.counts_on(day)), default=None)


def subscriptions_of(inputs: CompanyInputs) -> list[Subscription]:
    versions: dict[str, list[Row]] = defaultdict(list)
    for row in inputs.raw_rows("subscription_versions"):
        versions[row["subscription_id"]].append(row)
    return [_subscription(rows) for rows in versions.values()]


def _subscription(versions: list[Row]) -> Subscription:
    versions = sorted(versions, key=lambda row: row["version_number"])
    newest = versions[-1]
    return Subscription(
        subscription_id=newest["subscription_id"],
        external_org_id=newest["external_org_id"],
        product_code=newest["product_code"],
        mrr_original=newest["mrr"],
        currency=newest["currency"],
        start_at=newest["start_at"],
        end_at=newest["end_at"],
        source_system=newest["source_system"],
        source_subscription_id=newest["source_subscription_id"],
        versions=tuple(
            Version(row["valid_from"].date(), row["status"], row["end_at"]) for row in versions
        ),
        first_imported_at=versions[0]["valid_from"],
        last_changed_at=newest["valid_from"],
    )


class Revenue:
    """A company's MRR by organization, on any day."""

    def __init__(self, inputs: CompanyInputs):
        self.inputs = inputs
        self.as_of = inputs.as_of
        self.subscriptions = subscriptions_of(inputs)
        self._convert = cache(inputs.rates.convert)
        self.by_organization = cache(self._by_organization)
        self.month_value = cache(self._month_value)

    def amount_on(self, subscription: Subscription, day: date) -> Decimal:
        """The row's amount in the reporting currency, whether it counts or not."""
        return self._convert(
            subscription.mrr_original,
            subscription.currency,
            self.inputs.reporting_currency,
            day,
        )

    def counting(self, day: date) -> list[Subscription]:
        return [s for s in self.subscriptions if s.counts_on(day)]

    def _by_organization(self, day: date) -> dict[str, Decimal]:
        """The paying organizations' MRR on a day."""
        return self._sum(self.counting(day), day)

    def _sum(self, subscriptions: list[Subscription], day: date) -> dict[str, Decimal]:
        totals: dict[str, Decimal] = defaultdict(lambda: ZERO_MONEY)
        for subscription in subscriptions:
            totals[subscription.external_org_id] += self.amount_on(subscription, day)
        return {org: mrr for org, mrr in totals.items() if mrr > 0}

    def mrr(self, org: str, day: date) -> Decimal:
        return self.by_organization(day).get(org, ZERO_MONEY)

    def total(self, day: date) -> Decimal:
        return sum(self.by_organization(day).values(), ZERO_MONEY)

    def first_mrr_days(self) -> dict[str, date]:
        """Each organization's first day with MRR, up to D."""
        first: dict[str, date] = {}
        starts = [s.first_counting_day(self.as_of) for s in self.subscriptions]
        day = min((start for start in starts if start is not None), default=None)
        while day is not None and day <= self.as_of:
            for org in self.by_organization(day):
                first.setdefault(org, day)
            day += timedelta(days=1)
        return first

    def months(self) -> list[date]:
        """From the month of the first day on which any row counts, to D's."""
        starts = [s.first_counting_day(self.as_of) for s in self.subscriptions]
        known = [start for start in starts if start is not None]
        return months_between(min(known), self.as_of) if known else []

    def value_day(self, month: date) -> date:
        """The day whose MRR is the month's value."""
        return min(last_day_of_month(month), self.as_of)

    def counting_in(self, month: date) -> list[Subscription]:
        """The rows that are in the month's value, by the rule of the project."""
        last = self.value_day(month)
        if self.inputs.month_rule == "month_end":
            return self.counting(last)
        return [s for s in self.subscriptions if s.counts_between(month, last)]

    def _month_value(self, month: date) -> dict[str, Decimal]:
        """The paying organizations' MRR of a month, at the rates of its value day."""
        return self._sum(self.counting_in(month), self.value_day(month))

    def month_total(self, month: date) -> Decimal:
        return sum(self.month_value(month).values(), ZERO_MONEY)

    def previous_month_total(self) -> Decimal:
        """On the last day of the previous month, whatever the rule of months."""
        return self.total(last_day_of_month(previous_month(self.as_of)))
