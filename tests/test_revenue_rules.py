"""Revenue from files to marts: order of import, edited rates, and the project's variable."""

from datetime import date
from pathlib import Path

import pytest

from tests.support.dbt_runner import DbtError, finish_dbt, start_dbt
from tests.support.revenue_cases import AS_OF
from tests.support.revenue_draws import DRAWS
from tests.support.revenue_imports import MARTS, Built
from tests.support.worlds import PROJECT_SEEDS

# What follows from the company's id, which is all that the two of a pair do not share.
OWN_COLUMNS = {"company_id", "subscription_id", "import_path", "import_paths"}


def _comparable(rows: list[dict], company_id: str) -> list[str]:
    return sorted(
        str([value for column, value in row.items() if column not in OWN_COLUMNS])
        for row in rows
        if row["company_id"] == company_id
    )


@pytest.mark.parametrize("mart", MARTS)
def test_the_order_of_independent_imports_changes_nothing(
    revenue_imports: Built, mart: str
) -> None:
    rows = revenue_imports.first[mart]
    for number in range(DRAWS):
        assert _comparable(rows, f"co-{number}-a") == _comparable(rows, f"co-{number}-b")
    assert len(rows) > DRAWS


def test_an_edited_rate_restates_its_months_without_a_row(revenue_imports: Built) -> None:
    before, after = (
        {(row["company_id"], row["month"]): row["mrr"] for row in marts["mrr_trend"]}
        for marts in (revenue_imports.first, revenue_imports.edited)
    )
    assert before.keys() == after.keys()
    changed = {
        month for company, month in before if before[company, month] != after[company, month]
    }
    # The next rate is of January.
    assert changed == {date(2025, 11, 1), date(2025, 12, 1)}
    assert {row["month"] for row in revenue_imports.first["mrr_restatements"]} >= {
        date(2025, 12, 1)
    }
    for mart in ("mrr_restatements", "mrr_restatement_details"):
        keys = [
            {_restated(row) for row in marts[mart]}
            for marts in (revenue_imports.first, revenue_imports.edited)
        ]
        assert keys[0] == keys[1]


def _restated(row: dict) -> tuple:
    return row["company_id"], row["month"], row["applied_at"], row.get("subscription_id")


def test_restatements_of_an_edited_month_are_at_the_rates_of_today(revenue_imports: Built) -> None:
    """Their last figure is what the trend says, before and after the edit."""
    for marts in (revenue_imports.first, revenue_imports.edited):
        trend = {(row["company_id"], row["month"]): row["mrr"] for row in marts["mrr_trend"]}
        last = {}
        for row in sorted(marts["mrr_restatements"], key=lambda row: row["applied_at"]):
            last[row["company_id"], row["month"]] = row["mrr_after"]
        assert last
        assert all(trend.get(key, 0) == mrr for key, mrr in last.items())


def test_an_unknown_month_rule_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(DbtError, match="mrr_month_rule is 'monthly'; set it to month_end or any"):
        finish_dbt(
            start_dbt(
                "parse",
                warehouse=tmp_path / "warehouse.duckdb",
                seeds=PROJECT_SEEDS,
                work_dir=tmp_path / "dbt",
                as_of=AS_OF,
                variables={"mrr_month_rule": "monthly"},
            )
        )
