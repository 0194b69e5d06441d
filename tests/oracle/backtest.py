"""What became of organizations after past episodes (docs/signals.md, "The backtest")."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from statistics import median

from tests.oracle.days import days_between
from tests.oracle.episodes import Episode
from tests.oracle.exact import ZERO_MONEY, ratio
from tests.oracle.inputs import ALL, Row
from tests.oracle.intervals import wilson
from tests.oracle.mrr import Revenue, Subscription

HORIZON = 90


class ConstantRateMrr:
    """MRR on any day, every subscription row at the rates of D."""

    def __init__(self, revenue: Revenue):
        self.by_org: dict[str, list[tuple[Subscription, Decimal]]] = defaultdict(list)
        for subscription in revenue.subscriptions:
            amount = revenue.amount_on(subscription, revenue.as_of)
            self.by_org[subscription.external_org_id].append((subscription, amount))
        self.on = cache(self._on)

    def _on(self, org: str, day: date) -> Decimal:
        rows = self.by_org.get(org, ())
        return sum((amount for row, amount in rows if row.counts_on(day)), ZERO_MONEY)

    def lost_on(self, org: str, opened_on: date) -> date | None:
        return self._first(org, opened_on, lambda now, then: now < then)

    def grown_on(self, org: str, opened_on: date) -> date | None:
        return self._first(org, opened_on, lambda now, then: now > then)

    def _first(
        self, org: str, opened_on: date, changed: Callable[[Decimal, Decimal], bool]
    ) -> date | None:
        then = self.on(org, opened_on)
        for offset in range(1, HORIZON + 1):
            day = opened_on + timedelta(days=offset)
            if changed(self.on(org, day), then):
                return day
        return None


class Backtest:
    """The rows of `signal_backtest` of one company."""

    def __init__(
        self,
        revenue: Revenue,
        episodes: list[Episode],
        first_scanned_day: date | None,
        signal_types: list[Row],
    ):
        self.inputs = revenue.inputs
        self.as_of = revenue.as_of
        self.mrr = ConstantRateMrr(revenue)
        self.episodes = [episode for episode in episodes if episode.first.scope == ALL]
        self.first_scanned_day = first_scanned_day
        self.signal_types = signal_types

    def rows(self) -> list[Row]:
        return [
            self._row(row["signal_type"], row["is_risk"].lower() == "true")
            for row in self.signal_types
        ]

    def _row(self, signal_type: str, is_risk: bool) -> Row:
        episodes = [e for e in self.episodes if e.first.signal_type == signal_type]
        verdicts = {e: self._verdict(e) for e in episodes}
        judged = [e for e, verdict in verdicts.items() if verdict == "judged"]
        lost = {e: day for e in judged if (day := self.mrr.lost_on(*_start(e)))}
        grown = {e: day for e in judged if (day := self.mrr.grown_on(*_start(e)))}
        outcome = lost if is_risk else grown
        compared = self._compared(judged, episodes)
        looks = self.mrr.lost_on if is_risk else self.mrr.grown_on
        precision = ratio(len(outcome), len(judged))
        low, high = wilson(len(outcome), len(judged))
        base = ratio(sum(looks(*pair) is not None for pair in compared), len(compared))
        leads = [(day - episode.first.day).days for episode, day in outcome.items()]
        churned, warned = self._churn(episodes)
        return {
            "signal_type": signal_type,
            "outcome": "lost" if is_risk else "grown",
            "episodes": len(episodes),
            **{
                f"episodes_{verdict}": list(verdicts.values()).count(verdict)
                for verdict in ("pending", "from_start", "not_paying", "judged")
            },
            "episodes_lost": len(lost),
            "episodes_grown": len(grown),
            "organizations_judged": _organizations(judged),
            "organizations_lost": _organizations(lost),
            "organizations_grown": _organizations(grown),
            "precision_rate": precision,
            "precision_low": low,
            "precision_high": high,
            "comparison_days": len(compared),
            "base_rate": base,
            "lift": None if precision is None or base is None else ratio(precision, base),
            "churned_mrr": churned,
            "churned_mrr_with_signal": warned,
            "churned_mrr_share": ratio(warned, churned),
            "median_lead_days": Fraction(median(map(Fraction, leads))) if leads else None,
            "horizon_days": HORIZON,
            "as_of_date": self.as_of,
        }

    def _verdict(self, episode: Episode) -> str:
        org, opened_on = _start(episode)
        if opened_on + timedelta(days=HORIZON) > self.as_of:
            return "pending"
        hold_days = self.inputs.steady(episode.first.signal_type, "hold_days", 1)
        if opened_on - self.first_scanned_day < timedelta(days=int(hold_days)):
            return "from_start"
        return "judged" if self.mrr.on(org, opened_on) > 0 else "not_paying"

    def _compared(self, judged: list[Episode], episodes: list[Episode]) -> list[tuple[str, date]]:
        held = {(day.external_org_id, day.day) for episode in episodes for day in episode.days}
        return [
            (org, day)
            for day in {episode.first.day for episode in judged}
            for org in self.mrr.by_org
            if self.mrr.on(org, day) > 0 and (org, day) not in held
        ]

    def _churn(self, episodes: list[Episode]) -> tuple[Decimal, Decimal]:
        held = {(day.external_org_id, day.day) for episode in episodes for day in episode.days}
        churned = warned = ZERO_MONEY
        if self.first_scanned_day is None:
            return churned, warned
        for org in self.mrr.by_org:
            for day in days_between(self.first_scanned_day + timedelta(days=1), self.as_of):
                before = self.mrr.on(org, day - timedelta(days=1))
                if before > 0 and self.mrr.on(org, day) == 0:
                    churned += before
                    reach = (day - timedelta(days=n) for n in range(1, HORIZON + 1))
                    warned += before if any((org, d) in held for d in reach) else 0
        return churned, warned


def _start(episode: Episode) -> tuple[str, date]:
    return episode.first.external_org_id, episode.first.day


def _organizations(episodes: list[Episode] | dict[Episode, date]) -> int:
    return len({episode.first.external_org_id for episode in episodes})
