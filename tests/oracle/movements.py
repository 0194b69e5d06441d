"""Movements: why an organization's MRR changed between two month values, and retention."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.oracle.days import previous_month, twelve_months_before
from tests.oracle.exact import ZERO_MONEY, ratio
from tests.oracle.inputs import Row
from tests.oracle.mrr import Revenue

NOTHING = (Decimal(0), ZERO_MONEY)
MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn", "fx")


class Movements:
    """A company's movements, month by month."""

    def __init__(self, revenue: Revenue):
        self.revenue = revenue
        self.months = revenue.months()
        self.by_month = {month: self._month(month) for month in self.months}

    def _before(self, month: date) -> dict[str, Decimal]:
        if month <= self.months[0]:
            return {}
        return self.revenue.month_value(previous_month(month))

    def _month(self, month: date) -> dict[tuple[str, str], Decimal]:
        """Amounts by (organization, movement); an amount of 0.00 is left out."""
        before, after = self._before(month), self.revenue.month_value(month)
        amounts: dict[tuple[str, str], Decimal] = {}
        for org in before.keys() | after.keys():
            opening, closing = before.get(org, ZERO_MONEY), after.get(org, ZERO_MONEY)
            if not opening:
                kind = "reactivation" if self._has_paid_before(org, month) else "new"
                amounts[org, kind] = closing
            elif not closing:
                amounts[org, "churn"] = -opening
            else:
                change = self._change_at_rates_of(org, month)
                kind = "expansion" if change > 0 else "contraction"
                amounts[org, kind] = change
                amounts[org, "fx"] = closing - opening - change
        return {key: amount for key, amount in amounts.items() if amount}

    def _has_paid_before(self, org: str, month: date) -> bool:
        return any(
            org in self.revenue.month_value(earlier) for earlier in self.months if earlier < month
        )

    def _change_at_rates_of(self, org: str, month: date) -> Decimal:
        """The change in original amounts per currency, each at the month's rates, rounded."""
        revenue = self.revenue
        today = revenue.value_day(month)
        changes: dict[str, Decimal] = defaultdict(Decimal)
        for counted_month, sign in ((month, 1), (previous_month(month), -1)):
            for subscription in revenue.counting_in(counted_month):
                if subscription.external_org_id == org:
                    changes[subscription.currency] += sign * subscription.mrr_original
        target = revenue.inputs.reporting_currency
        convert = revenue.inputs.rates.convert
        return sum(
            (convert(change, currency, target, today) for currency, change in changes.items()),
            ZERO_MONEY,
        )

    def rows(self) -> list[Row]:
        return [
            {"external_org_id": org, "month": month, "movement": kind, "amount": amount}
            for month, amounts in self.by_month.items()
            for (org, kind), amount in amounts.items()
        ]

    def details(self) -> list[Row]:
        """Every subscription's amounts before and after a month in which one of them changed."""
        rows = []
        for month in self.months:
            before = self._amounts(previous_month(month)) if month > self.months[0] else {}
            after = self._amounts(month)
            for identity in before.keys() | after.keys():
                opening, closing = before.get(identity, NOTHING), after.get(identity, NOTHING)
                if opening != closing:
                    rows.append(_detail(identity, month, opening, closing))
        return rows

    def _amounts(self, month: date) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
        """Original and converted amount of what counts in a month, by organization and id."""
        revenue, day = self.revenue, self.revenue.value_day(month)
        return {
            (s.external_org_id, s.subscription_id): (s.mrr_original, revenue.amount_on(s, day))
            for s in revenue.counting_in(month)
        }

    def cohorts(self) -> list[Row]:
        """What the organizations that first paid in a month pay in it and since."""
        cohort_of: dict[str, date] = {}
        for month in self.months:
            for org in self.revenue.month_value(month):
                cohort_of.setdefault(org, month)
        rows = []
        for cohort in sorted(set(cohort_of.values())):
            since = [month for month in self.months if month >= cohort]
            for age, month in enumerate(since):
                value = self.revenue.month_value(month)
                amounts = [mrr for org, mrr in value.items() if cohort_of[org] == cohort]
                rows.append(
                    {
                        "cohort_month": cohort,
                        "months_since": age,
                        "organizations": len(amounts),
                        "mrr": sum(amounts, ZERO_MONEY),
                    }
                )
                first = rows[-1 - age]
                rows[-1] |= {
                    "share_of_first_month": ratio(rows[-1]["mrr"], first["mrr"]),
                    "share_of_first_organizations": ratio(len(amounts), first["organizations"]),
                }
        return rows

    def monthly(self, month: date) -> Row:
        amounts = self.by_month[month]
        row: Row = {
            "month": month,
            "opening_mrr": sum(self._before(month).values(), ZERO_MONEY),
            "closing_mrr": sum(self.revenue.month_value(month).values(), ZERO_MONEY),
        }
        for movement in MOVEMENTS:
            parts = [amount for (_, kind), amount in amounts.items() if kind == movement]
            row[movement] = sum(parts, ZERO_MONEY)
            row[f"{movement}_orgs"] = len(parts)
        return row

    def retention(self, month: date) -> Row:
        """At the rates of the month itself, but for the two figures of the year."""
        flow = self.monthly(month)
        openings = self._openings_at_rates_of(month)
        churned = {org for org, kind in self.by_month[month] if kind == "churn"}
        opening = sum(openings.values(), ZERO_MONEY)
        lost = sum((openings.get(org, ZERO_MONEY) for org in churned), ZERO_MONEY)
        kept = opening + flow["contraction"] - lost
        won = flow["new"] + flow["reactivation"] + flow["expansion"]
        return {
            "month": month,
            "opening_constant": opening,
            "churn_constant": lost,
            "nrr": ratio(kept + flow["expansion"], opening),
            "grr": ratio(kept, opening),
            "logo_churn_rate": ratio(flow["churn_orgs"], len(self._before(month))),
            "quick_ratio": ratio(won, -(flow["contraction"] + flow["churn"])),
            **self._over_12_months(month),
        }

    def _openings_at_rates_of(self, month: date) -> dict[str, Decimal]:
        """What counted in the month before: per organization, each currency rounded by itself."""
        if month <= self.months[0]:
            return {}
        originals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for subscription in self.revenue.counting_in(previous_month(month)):
            key = subscription.external_org_id, subscription.currency
            originals[key] += subscription.mrr_original
        inputs, day = self.revenue.inputs, self.revenue.value_day(month)
        openings: dict[str, Decimal] = defaultdict(lambda: ZERO_MONEY)
        for (org, currency), amount in originals.items():
            openings[org] += inputs.rates.convert(amount, currency, inputs.reporting_currency, day)
        return openings

    def _over_12_months(self, month: date) -> dict[str, Fraction | None]:
        earlier = twelve_months_before(month)
        then = self.revenue.month_value(earlier) if earlier >= self.months[0] else {}
        now = self.revenue.month_value(month)
        total = sum(then.values())
        still = sum(now.get(org, ZERO_MONEY) for org in then)
        kept = sum(min(now.get(org, ZERO_MONEY), mrr) for org, mrr in then.items())
        year = [self.monthly(m) for m in self.months if earlier < m <= month]
        won = sum(flow["new"] + flow["reactivation"] + flow["expansion"] for flow in year)
        lost = -sum(flow["contraction"] + flow["churn"] for flow in year)
        return {
            "nrr_12m": ratio(still, total),
            "grr_12m": ratio(kept, total),
            "logo_churn_rate_12m": ratio(sum(org not in now for org in then), len(then)),
            "quick_ratio_12m": ratio(won, lost) if len(year) == 12 else None,
        }


def _detail(
    identity: tuple[str, str],
    month: date,
    opening: tuple[Decimal, Decimal],
    closing: tuple[Decimal, Decimal],
) -> Row:
    return {
        "external_org_id": identity[0],
        "subscription_id": identity[1],
        "month": month,
        "opening_original": opening[0],
        "closing_original": closing[0],
        "opening_mrr": opening[1],
        "closing_mrr": closing[1],
        "mrr_change": closing[1] - opening[1],
    }
