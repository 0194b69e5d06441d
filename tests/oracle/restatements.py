"""Restatements: closed months whose MRR an import changed after they were over."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from tests.oracle.days import last_day_of_month, months_between
from tests.oracle.exact import ZERO_MONEY
from tests.oracle.inputs import CompanyInputs, Row
from tests.oracle.mrr import Revenue


def restatements(inputs: CompanyInputs) -> list[Row]:
    """One row per closed month and import; the first import has nothing to restate."""
    rows = []
    for month, moment, earlier, later in _closed_months(inputs):
        before, after = earlier.month_total(month), later.month_total(month)
        if before != after:
            known = _amounts(earlier, month), _amounts(later, month)
            rows.append(
                {
                    "month": month,
                    "applied_at": moment,
                    "mrr_before": before,
                    "mrr_after": after,
                    "mrr_change": after - before,
                    "subscriptions": len(_differing(*known)),
                }
            )
    return rows


def restatement_details(inputs: CompanyInputs) -> list[Row]:
    """The subscriptions behind them, also where their changes add up to nothing."""
    rows = []
    for month, moment, earlier, later in _closed_months(inputs):
        before, after = _amounts(earlier, month), _amounts(later, month)
        for subscription_id in _differing(before, after):
            then = before.get(subscription_id, ZERO_MONEY)
            now = after.get(subscription_id, ZERO_MONEY)
            rows.append(
                {
                    "month": month,
                    "applied_at": moment,
                    "subscription_id": subscription_id,
                    "mrr_before": then,
                    "mrr_after": now,
                    "mrr_change": now - then,
                }
            )
    return rows


def _closed_months(inputs: CompanyInputs) -> Iterator[tuple[date, datetime, Revenue, Revenue]]:
    """Month, import, and revenue as known before and after it."""
    versions = inputs.raw_rows("subscription_versions")
    moments = sorted({row["valid_from"] for row in versions})
    earliest = min((row["start_at"] for row in versions), default=None)
    months = months_between(earliest, inputs.as_of) if versions else []
    known = {moment: _as_known_at(inputs, moment) for moment in moments}
    for earlier, moment in pairwise(moments):
        for month in months:
            month_end = last_day_of_month(month)
            if month_end <= inputs.as_of and month_end < moment.date():
                yield month, moment, known[earlier], known[moment]


def _amounts(revenue: Revenue, month: date) -> dict[str, Decimal]:
    """What each subscription adds to a month's value."""
    day = last_day_of_month(month)
    return {s.subscription_id: revenue.amount_on(s, day) for s in revenue.counting_in(month)}


def _differing(before: dict[str, Decimal], after: dict[str, Decimal]) -> list[str]:
    return [
        subscription_id
        for subscription_id in before.keys() | after.keys()
        if before.get(subscription_id, ZERO_MONEY) != after.get(subscription_id, ZERO_MONEY)
    ]


def _as_known_at(inputs: CompanyInputs, moment: datetime) -> Revenue:
    applied = [r for r in inputs.raw["subscription_versions"] if r["valid_from"] <= moment]
    return Revenue(replace(inputs, raw={**inputs.raw, "subscription_versions": applied}))
