"""Exchange rates as ingestion needs them: what an amount comes to in another currency.

The models convert in ``dbt_project/macros/revenue/money.sql``, by the same definition ("Currency"
in the definitions of MRR).
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache

BASE_CURRENCY = "EUR"  # rates are units of a currency for one of it


@dataclass(frozen=True, eq=False)
class ExchangeRates:
    """By currency, the days of its rates in order, and the units for one euro from each on."""

    days: dict[str, list[date]]
    units: dict[str, list[Fraction]]

    @classmethod
    def of(cls, rows: Iterable[tuple[date, str, Fraction]]) -> "ExchangeRates":
        """Rates of (day, currency, units for one euro). Rows for the euro are left aside."""
        rates = cls({}, {})
        for day, currency, units in sorted(rows):
            if currency != BASE_CURRENCY:
                rates.days.setdefault(currency, []).append(day)
                rates.units.setdefault(currency, []).append(units)
        return rates

    def currencies(self) -> set[str]:
        """What there are rates for, the euro included."""
        return {*self.days, BASE_CURRENCY}

    def last_day(self, currency: str) -> date | None:
        """The day of the last rate; None for the euro, which needs none."""
        return self.days[currency][-1] if currency in self.days else None

    def factor(self, source: str, target: str, day: date) -> Fraction:
        """What one unit of ``source`` is in ``target``: at the last rates on or before the day."""
        if source == target:
            return Fraction(1)
        return self._units(target, day) / self._units(source, day)

    @cache  # noqa: B019 (one object lives as long as the command)
    def largest_factor(self, source: str, target: str) -> Fraction:
        """The largest factor of any day."""
        days = {*self.days.get(source, []), *self.days.get(target, [])} or {date.min}
        return max(self.factor(source, target, day) for day in days)

    def _units(self, currency: str, day: date) -> Fraction:
        """The last rate on or before the day or, before the first one, the first."""
        if currency == BASE_CURRENCY:
            return Fraction(1)
        return self.units[currency][max(bisect_right(self.days[currency], day) - 1, 0)]
