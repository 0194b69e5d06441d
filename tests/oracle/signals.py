"""Signals: which conditions hold for an organization on a day, how badly, how urgently."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from tests.oracle.exact import ratio, round_half_up
from tests.oracle.inputs import CompanyInputs
from tests.oracle.windows import DayMetrics

RISKS = ("revenue_at_risk", "usage_drop", "inactive_paying")
LONGEST_ABSENCE = 90


@dataclass(frozen=True)
class Held:
    """A signal that holds for an organization in a scope on a day."""

    scope: str
    external_org_id: str
    signal_type: str
    day: date
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


def severities(
    inputs: CompanyInputs, metrics: DayMetrics, score: Decimal | None, pays: bool
) -> dict[str, Fraction]:
    """The signals that hold, each with its severity, of one scanned organization."""
    rule = inputs.signal_parameters
    last, previous = metrics.events_30d, metrics.events_previous_30d
    held: dict[str, Fraction] = {}

    worst = rule["revenue_at_risk", "max_health_score"]
    if pays and score is not None and score < worst:
        held["revenue_at_risk"] = (worst - Fraction(score)) / worst

    drop = rule["usage_drop", "max_ratio"]
    if pays and previous >= rule["usage_drop", "min_previous_events"] and last < drop * previous:
        held["usage_drop"] = (drop - ratio(last, previous)) / drop

    absent = metrics.days_since_last_seen
    if pays and absent is None:
        held["inactive_paying"] = Fraction(1)
    elif pays and absent >= rule["inactive_paying", "inactive_days"]:
        held["inactive_paying"] = Fraction(min(absent, LONGEST_ABSENCE), LONGEST_ABSENCE)

    growth = rule["expansion_candidate", "min_ratio"]
    if (
        score is not None
        and score >= rule["expansion_candidate", "min_health_score"]
        and previous >= rule["expansion_candidate", "min_previous_events"]
        and last >= growth * previous
    ):
        excess = (ratio(last, previous) - growth) / growth if previous else Fraction(1)
        held["expansion_candidate"] = min(excess, Fraction(1))
    return held


def scan(
    inputs: CompanyInputs,
    scope: str,
    org: str,
    day: date,
    metrics: DayMetrics,
    score: Decimal | None,
    paying: dict[str, Decimal],
) -> list[Held]:
    """What holds for an organization on a day; ``paying`` is the company's MRR that day."""
    if org not in paying and not metrics.events_30d:
        return []
    rank = rank_by_mrr(org, paying)
    return [
        Held(
            scope=scope,
            external_org_id=org,
            signal_type=signal_type,
            day=day,
            severity=severity,
            priority=priority(severity, rank),
            mrr=paying.get(org, Decimal("0.00")),
            health_score=score,
            events_30d=metrics.events_30d,
            events_previous_30d=metrics.events_previous_30d,
            days_since_last_seen=metrics.days_since_last_seen,
            last_seen_at=metrics.last_seen_at,
        )
        for signal_type, severity in severities(inputs, metrics, score, org in paying).items()
    ]
