"""Signals: which conditions hold for an organization on a day, how badly, how urgently."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from statistics import median

from tests.oracle.days import ONE_DAY
from tests.oracle.exact import ratio, round_half_up
from tests.oracle.inputs import CompanyInputs
from tests.oracle.windows import DayMetrics

RISKS = ("revenue_at_risk", "usage_drop", "inactive_paying")
LONGEST_ABSENCE = 90


@dataclass(frozen=True)
class Held:
    """A signal that is on for an organization in a scope on a day."""

    scope: str
    external_org_id: str
    signal_type: str
    day: date
    is_condition_met: bool
    usage_ratio: Fraction | None
    severity: Fraction
    priority: Decimal
    mrr: Decimal
    health_score: Decimal | None
    events_30d: int
    events_previous_30d: int
    days_since_last_seen: int | None
    last_seen_at: datetime | None


def priority(severity: Fraction, rank: Fraction) -> Decimal:
    """0..100; ``rank`` is the share of the paying organizations with MRR up to its own."""
    urgency = Fraction(3, 10) + Fraction(7, 10) * severity
    size = Fraction(1, 4) + Fraction(3, 4) * rank
    return round_half_up(100 * urgency * size, 1)


def rank_by_mrr(org: str, paying: dict[str, Decimal]) -> Fraction:
    if org not in paying:
        return Fraction(0)
    return Fraction(sum(mrr <= paying[org] for mrr in paying.values()), len(paying))


@dataclass(frozen=True)
class Condition:
    """How a signal stands on a day, whether it is on or not."""

    is_met: bool
    may_stay: bool
    severity: Fraction
    usage_ratio: Fraction | None


def conditions(
    inputs: CompanyInputs,
    metrics: DayMetrics,
    score: Decimal | None,
    pays: bool,
    fleet: Fraction,
) -> dict[str, Condition]:
    """The signals whose condition for opening or for staying on is met, of one organization."""
    rule = inputs.signal_parameters
    plain = ratio(metrics.events_30d, metrics.events_previous_30d)
    found = {
        "usage_drop": _usage_drop(inputs, metrics, pays, fleet),
        "expansion_candidate": _expansion(inputs, metrics, score, fleet),
    }
    worst = rule["revenue_at_risk", "max_health_score"]
    stays = inputs.steady("revenue_at_risk", "close_health_score", worst)
    if pays and score is not None:
        severity = max((worst - Fraction(score)) / worst, Fraction(0))
        found["revenue_at_risk"] = Condition(score < worst, score < stays, severity, plain)

    absent = metrics.days_since_last_seen
    if pays and absent is None:
        found["inactive_paying"] = Condition(True, True, Fraction(1), plain)
    elif pays and absent >= rule["inactive_paying", "inactive_days"]:
        severity = Fraction(min(absent, LONGEST_ABSENCE), LONGEST_ABSENCE)
        found["inactive_paying"] = Condition(True, True, severity, plain)
    return {name: c for name, c in found.items() if c and (c.is_met or c.may_stay)}


def _usage_drop(
    inputs: CompanyInputs, metrics: DayMetrics, pays: bool, fleet: Fraction
) -> Condition | None:
    rule = inputs.signal_parameters
    previous = metrics.events_previous_30d
    if not pays or previous < rule["usage_drop", "min_previous_events"]:
        return None
    opens = rule["usage_drop", "max_ratio"]
    stays = inputs.steady("usage_drop", "close_ratio", opens)
    expected = previous * (fleet if inputs.steady("usage_drop", "use_fleet", 0) else 1)
    used = ratio(metrics.events_30d, expected)
    return Condition(
        is_met=metrics.events_30d < opens * expected,
        may_stay=metrics.events_30d < stays * expected,
        severity=Fraction(0) if used is None else max((opens - used) / opens, Fraction(0)),
        usage_ratio=used,
    )


def _expansion(
    inputs: CompanyInputs, metrics: DayMetrics, score: Decimal | None, fleet: Fraction
) -> Condition | None:
    rule = inputs.signal_parameters
    previous = metrics.events_previous_30d
    if (
        score is None
        or score < rule["expansion_candidate", "min_health_score"]
        or previous < rule["expansion_candidate", "min_previous_events"]
    ):
        return None
    opens = rule["expansion_candidate", "min_ratio"]
    stays = inputs.steady("expansion_candidate", "close_ratio", opens)
    expected = previous * (fleet if inputs.steady("expansion_candidate", "use_fleet", 0) else 1)
    used = ratio(metrics.events_30d, expected)
    excess = Fraction(1) if used is None else (used - opens) / opens
    return Condition(
        is_met=metrics.events_30d >= opens * expected,
        may_stay=metrics.events_30d >= stays * expected,
        severity=min(max(excess, Fraction(0)), Fraction(1)),
        usage_ratio=used,
    )


class Scanner:
    """Follows every signal of a company day by day: it opens, stays on, and closes."""

    def __init__(self, inputs: CompanyInputs):
        self.inputs = inputs
        self._met_days: dict[tuple, tuple[date, int]] = {}
        self._on: dict[tuple, date] = {}

    def scan(
        self,
        scope: str,
        org: str,
        day: date,
        metrics: DayMetrics,
        score: Decimal | None,
        paying: dict[str, Decimal],
        fleet: Fraction,
    ) -> list[Held]:
        """What is on for an organization on a day; days come in their order.

        ``paying`` is the company's MRR that day.
        """
        if org not in paying and not metrics.events_30d:
            return []
        return [
            self._held(scope, org, day, signal_type, metrics, score, paying, condition)
            for signal_type, condition in conditions(
                self.inputs, metrics, score, org in paying, fleet
            ).items()
            if self._is_on((scope, org, signal_type), day, condition)
        ]

    def _is_on(self, key: tuple, day: date, condition: Condition) -> bool:
        yesterday = day - ONE_DAY
        if condition.is_met:
            last_day, days = self._met_days.get(key, (None, 0))
            days = days + 1 if last_day == yesterday else 1
            self._met_days[key] = day, days
            opens = days >= self.inputs.steady(key[2], "hold_days", 1)
        else:
            opens = False
        is_on = condition.may_stay and (opens or self._on.get(key) == yesterday)
        if is_on:
            self._on[key] = day
        return is_on

    def _held(self, scope, org, day, signal_type, metrics, score, paying, condition) -> Held:
        return Held(
            scope=scope,
            external_org_id=org,
            signal_type=signal_type,
            day=day,
            is_condition_met=condition.is_met,
            usage_ratio=condition.usage_ratio,
            severity=condition.severity,
            priority=priority(condition.severity, rank_by_mrr(org, paying)),
            mrr=paying.get(org, Decimal("0.00")),
            health_score=score,
            events_30d=metrics.events_30d,
            events_previous_30d=metrics.events_previous_30d,
            days_since_last_seen=metrics.days_since_last_seen,
            last_seen_at=metrics.last_seen_at,
        )


def fleet_usage(inputs: CompanyInputs, days: list[DayMetrics]) -> tuple[int, Fraction | None]:
    """How many organizations of a scope and day are the fleet, and their median usage ratio."""
    least = max(inputs.signal_parameters["usage_drop", "min_previous_events"], 1)
    ratios = [
        ratio(day.events_30d, day.events_previous_30d)
        for day in days
        if day.events_previous_30d >= least
    ]
    is_enough = ratios and len(ratios) >= inputs.steady("usage_drop", "fleet_min_organizations", 10)
    return len(ratios), Fraction(median(ratios)) if is_enough else None


def fleet_ratio(median_ratio: Fraction | None) -> Fraction:
    """What a usage ratio is divided by."""
    if median_ratio is None:
        return Fraction(1)
    return min(max(median_ratio, Fraction(1, 2)), Fraction(2))
