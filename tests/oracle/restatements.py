"""Restatements: closed months whose MRR an import changed after they were over."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from tests.oracle.days import last_day_of_month, months_between
from tests.oracle.inputs import CompanyInputs, Row
from tests.oracle.mrr import Revenue


def restatements(inputs: CompanyInputs) -> list[Row]:
    """One row per closed month and import; the first import has nothing to restate."""
    versions = inputs.raw_rows("subscription_versions")
    moments = sorted({row["valid_from"] for row in versions})
    earliest = min((row["start_at"] for row in versions), default=None)
    months = months_between(earliest, inputs.as_of) if versions else []
    known = {moment: _as_known_at(inputs, moment) for moment in moments}
    rows = []
    for earlier, moment in pairwise(moments):
        for month in months:
            month_end = last_day_of_month(month)
            if month_end > inputs.as_of or month_end >= moment.date():
                continue
            before = known[earlier].total(month_end)
            after = known[moment].total(month_end)
            if before != after:
                rows.append(
                    {
                        "month": month,
                        "applied_at": moment,
                        "mrr_before": before,
                        "mrr_after": after,
                        "mrr_change": after - before,
                    }
                )
    return rows


def _as_known_at(inputs: CompanyInputs, moment: datetime) -> Revenue:
    applied = [r for r in inputs.raw["subscription_versions"] if r["valid_from"] <= moment]
    return Revenue(replace(inputs, raw={**inputs.raw, "subscription_versions": applied}))
