"""Imports whose figures are known, from files to marts (tests/support/revenue_cases.py)."""

from datetime import date
from decimal import Decimal

import pytest

from tests.support.revenue_imports import Built


def _of(revenue_imports: Built, mart: str, company_id: str) -> list[dict]:
    return [row for row in revenue_imports.first[mart] if row["company_id"] == company_id]


def _paid(revenue_imports: Built, company_id: str, org: str) -> dict[str, Decimal]:
    rows = _of(revenue_imports, "mrr_monthly", company_id)
    return {f"{r['month']:%Y-%m}": r["mrr"] for r in rows if r["external_org_id"] == org}


def _moves(revenue_imports: Built, company_id: str, org: str) -> dict[tuple[str, str], Decimal]:
    rows = [
        r for r in _of(revenue_imports, "mrr_movements", company_id) if r["external_org_id"] == org
    ]
    return {(f"{r['month']:%Y-%m}", r["movement"]): r["amount"] for r in rows}


def _months(first: str, last: str, mrr: int) -> dict[str, int]:
    months = [f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13)]
    return {month: mrr for month in months if first <= month <= last}


@pytest.mark.parametrize("org", ["u1", "u2", "u5"])
def test_a_cancellation_taken_back_before_its_end_leaves_no_trace(
    revenue_imports: Built, org: str
) -> None:
    assert _paid(revenue_imports, "undo-cancel", org) == _months("2025-10", "2026-03", 500)
    assert _moves(revenue_imports, "undo-cancel", org) == {("2025-10", "new"): 500}


def test_one_taken_back_after_its_end_is_a_churn_and_a_reactivation(revenue_imports: Built) -> None:
    paid = {**_months("2025-01", "2025-12", 100), **_months("2026-02", "2026-03", 100)}
    assert _paid(revenue_imports, "come-back", "r4") == paid
    assert _moves(revenue_imports, "come-back", "r4") == {
        ("2025-01", "new"): 100,
        ("2026-01", "churn"): -100,
        ("2026-02", "reactivation"): 100,
    }


def test_gaps_between_rows_are_seen_at_the_ends_of_months(revenue_imports: Built) -> None:
    kinds = {
        org: {kind for _, kind in _moves(revenue_imports, "come-back", org)} for org in ("r1", "r2")
    }
    assert kinds == {"r1": {"new", "churn", "reactivation"}, "r2": {"new"}}
    assert _moves(revenue_imports, "come-back", "r3").keys() >= {
        ("2025-03", "churn"),
        ("2025-04", "reactivation"),
    }
    assert _paid(revenue_imports, "undo-cancel", "u4") == _months("2026-02", "2026-03", 500)


def test_a_row_that_was_a_mistake_counts_on_no_day(revenue_imports: Built) -> None:
    assert _paid(revenue_imports, "mistake", "m1") == _months("2025-12", "2026-03", 100)
    assert _paid(revenue_imports, "mistake", "m2") == {}
    listed = {
        row["source_subscription_id"]: (row["status"], row["is_void"], row["is_active"])
        for row in _of(revenue_imports, "subscriptions", "mistake")
    }
    assert listed["M2"] == listed["M3"] == ("void", True, False)
    assert {row["subscriptions"] for row in _of(revenue_imports, "revenue_changes", "mistake")} == {
        0
    }
    restated = _of(revenue_imports, "mrr_restatements", "mistake")
    assert {(f"{row['month']:%Y-%m}", row["mrr_before"], row["mrr_after"]) for row in restated} == {
        (month, 1000, 100) for month in ("2025-12", "2026-01", "2026-02")
    }


def test_gross_retention_of_a_falling_currency_stays_within_0_and_1(revenue_imports: Built) -> None:
    [row] = [
        row
        for row in _of(revenue_imports, "revenue_retention", "lira")
        if row["month"] == date(2021, 11, 1)
    ]
    assert (row["opening_constant"], row["churn_constant"]) == (Decimal("13142.83"), 0)
    assert row["nrr"] == row["grr"] == pytest.approx(2628.56 / 13142.83)
    assert row["logo_churn_rate"] == 0


def test_the_worked_history_of_the_documentation(revenue_imports: Built) -> None:
    """ "How others define it" in docs/metrics.md: every figure of the column `this warehouse`."""
    february = date(2026, 2, 1)
    [flow] = [
        r for r in _of(revenue_imports, "mrr_movements_monthly", "worked") if r["month"] == february
    ]
    names = ("opening_mrr", "new", "reactivation", "expansion", "contraction", "churn", "fx")
    amounts = [flow[name] for name in (*names, "closing_mrr")]
    expected = "1839.00 250.00 120.00 80.00 -50.00 -300.00 8.10 1947.10"
    assert amounts == [Decimal(amount) for amount in expected.split()]
    [row] = [
        r for r in _of(revenue_imports, "revenue_retention", "worked") if r["month"] == february
    ]
    assert (row["opening_constant"], row["churn_constant"]) == (Decimal("1847.10"), 300)
    rounded = {
        name: round(row[name], 4) for name in ("nrr", "grr", "logo_churn_rate", "quick_ratio")
    }
    assert rounded == {"nrr": 0.8538, "grr": 0.8105, "logo_churn_rate": 0.2, "quick_ratio": 1.2857}
    cohort = {
        row["months_since"]: (row["organizations"], row["mrr"], row["share_of_first_month"])
        for row in _of(revenue_imports, "revenue_cohorts", "worked")
        if row["cohort_month"] == date(2025, 10, 1)
    }
    assert (cohort[0], cohort[4]) == ((4, 720, 1), (3, 450, 0.625))
