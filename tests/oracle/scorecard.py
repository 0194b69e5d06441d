"""What became of organizations after each month end, and which order would have found the losses.

Plain loops over pairs and organizations, from docs/metrics.md ("Does the score tell anything?").
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracle.company import Company
from tests.oracle.days import last_day_of_month, previous_month
from tests.oracle.exact import ZERO_MONEY, ratio
from tests.oracle.inputs import ALL, BANDS, Row
from tests.oracle.intervals import hanley_mcneil, wilson

HORIZON = timedelta(days=90)
JUDGED_MONTHS = 24
FEWEST_LOSSES = 30


@dataclass(frozen=True)
class Outcome:
    """One organization at one month end."""

    external_org_id: str
    month_end: date
    score: Decimal
    band: str
    usage_ratio: Fraction | None
    first_paid_on: date
    mrr: Decimal
    mrr_later: Decimal

    @property
    def is_lost(self) -> bool:
        return self.mrr_later < self.mrr

    @property
    def mrr_lost(self) -> Decimal:
        return self.mrr - self.mrr_later if self.is_lost else ZERO_MONEY


# What each order compares; the smaller comes first.
ORDERS = {
    "health_score": lambda outcome: outcome.score,
    "usage_ratio": lambda o: (o.usage_ratio is None, o.usage_ratio or 0),
    "mrr": lambda outcome: -outcome.mrr,
    "tenure": lambda outcome: -outcome.first_paid_on.toordinal(),
}


def outcomes_of(company: Company) -> list[Outcome]:
    first_paid = company.revenue.first_mrr_days()
    return [
        outcome
        for month_end in judged_month_ends(company.as_of)
        for org in first_paid
        if (outcome := _outcome(company, org, month_end, first_paid[org]))
    ]


def judged_month_ends(as_of: date) -> list[date]:
    ends: list[date] = []
    day = last_day_of_month(as_of)
    while len(ends) < JUDGED_MONTHS:
        if day + HORIZON <= as_of:
            ends.append(day)
        day = last_day_of_month(previous_month(day))
    return ends


def _outcome(company: Company, org: str, day: date, first_paid_on: date) -> Outcome | None:
    health = company.health.get((ALL, org, day))
    mrr = _mrr(company, org, day, day)
    if health is None or health.score is None or not mrr:
        return None
    metrics = company.metrics[ALL, org, day]
    return Outcome(
        external_org_id=org,
        month_end=day,
        score=health.score,
        band=health.band,
        usage_ratio=ratio(metrics.events_30d, metrics.events_previous_30d),
        first_paid_on=first_paid_on,
        mrr=mrr,
        mrr_later=_mrr(company, org, day + HORIZON, day),
    )


def _mrr(company: Company, org: str, day: date, rates_of: date) -> Decimal:
    return sum(
        (
            company.revenue.amount_on(subscription, rates_of)
            for subscription in company.revenue.counting(day)
            if subscription.external_org_id == org
        ),
        ZERO_MONEY,
    )


def health_outcomes(company: Company) -> list[Row]:
    return [
        {
            "external_org_id": outcome.external_org_id,
            "month_end": outcome.month_end,
            "health_score": outcome.score,
            "health_band": outcome.band,
            "usage_ratio": outcome.usage_ratio,
            "first_paid_on": outcome.first_paid_on,
            "mrr": outcome.mrr,
            "mrr_later": outcome.mrr_later,
            "mrr_lost": outcome.mrr_lost,
            "is_lost": outcome.is_lost,
            "as_of_date": company.as_of,
        }
        for outcome in outcomes_of(company)
    ]


def health_scorecard(company: Company) -> list[Row]:
    outcomes = outcomes_of(company)
    return [
        _scorecard_row(band, [o for o in outcomes if o.band == band])
        | {"as_of_date": company.as_of}
        for band in BANDS
    ]


def _scorecard_row(band: str, outcomes: list[Outcome]) -> Row:
    lost = sum(outcome.is_lost for outcome in outcomes)
    low, high = wilson(lost, len(outcomes))
    return {
        "health_band": band,
        "organization_months": len(outcomes),
        "lost": lost,
        "loss_rate": ratio(lost, len(outcomes)),
        "loss_rate_low": low,
        "loss_rate_high": high,
        "mrr": sum((o.mrr for o in outcomes), ZERO_MONEY),
        "mrr_lost": sum((o.mrr_lost for o in outcomes), ZERO_MONEY),
    }


def score_rankings(company: Company) -> list[Row]:
    months: dict[date, list[Outcome]] = defaultdict(list)
    for outcome in outcomes_of(company):
        months[outcome.month_end].append(outcome)
    rows = [_ranking_row(name, list(months.values())) for name in (*ORDERS, "random")]
    captured = {row["ranking"]: row["mrr_captured_top_decile"] for row in rows}
    return [
        row | {"verdict": _verdict(row, captured["mrr"]), "as_of_date": company.as_of}
        for row in rows
    ]


def _ranking_row(ranking: str, months: list[list[Outcome]]) -> Row:
    lost = sum(outcome.is_lost for month in months for outcome in month)
    total = sum(map(len, months))
    auc = _auc(ranking, months)
    low, high = hanley_mcneil(auc, lost, total - lost)
    tops = [_top_decile(ranking, month) for month in months]
    places = sum(size for size, _, _ in tops)
    mrr_lost = sum((o.mrr_lost for month in months for o in month), ZERO_MONEY)
    return {
        "ranking": ranking,
        "organization_months": total,
        "lost": lost,
        "auc": auc,
        "auc_low": low,
        "auc_high": high,
        "precision_top_decile": ratio(sum(found for _, found, _ in tops), places),
        "mrr_captured_top_decile": ratio(sum(Fraction(m) for _, _, m in tops), mrr_lost),
    }


def _auc(ranking: str, months: list[list[Outcome]]) -> Fraction | None:
    wins, pairs = Fraction(0), 0
    for month in months:
        for lost in (outcome for outcome in month if outcome.is_lost):
            for kept in (outcome for outcome in month if not outcome.is_lost):
                pairs += 1
                wins += _share_of_pair(ranking, lost, kept)
    return ratio(wins, pairs)


def _share_of_pair(ranking: str, lost: Outcome, kept: Outcome) -> Fraction:
    if ranking == "random" or ORDERS[ranking](lost) == ORDERS[ranking](kept):
        return Fraction(1, 2)
    return Fraction(ORDERS[ranking](lost) < ORDERS[ranking](kept))


def _top_decile(ranking: str, month: list[Outcome]) -> tuple[int, Fraction, Fraction]:
    """How many they are, how many of them paid less, and how much less."""
    size = max(len(month) // 10, 1)
    lost, mrr = sum(o.is_lost for o in month), sum((o.mrr_lost for o in month), ZERO_MONEY)
    if ranking == "random":
        share = Fraction(size, len(month))
        return size, share * lost, share * Fraction(mrr)
    top = sorted(month, key=lambda o: (ORDERS[ranking](o), o.external_org_id))[:size]
    return size, Fraction(sum(o.is_lost for o in top)), Fraction(sum(o.mrr_lost for o in top))


def _verdict(row: Row, captured_by_mrr: Fraction | None) -> str | None:
    if row["ranking"] != "health_score":
        return None
    if row["lost"] < FEWEST_LOSSES:
        return "too_few_losses"
    if row["auc_low"] is None or row["auc_low"] <= Fraction(1, 2):
        return "no_better_than_chance"
    if row["mrr_captured_top_decile"] <= captured_by_mrr:
        return "no_better_than_sorting_by_mrr"
    return "useful"
