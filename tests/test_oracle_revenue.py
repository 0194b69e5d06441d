"""Organizations, MRR, movements and the revenue figures of D against the oracle.

Every number in these marts is computed twice, by dbt and by ``tests/oracle``, for companies drawn
at random and companies whose values lie exactly on a rule's edge.
"""

import pytest

from tests.support.compare import differences, report
from tests.support.mart_keys import KEYS
from tests.support.worlds import BuiltWorld

MARTS = (
    "organizations",
    "subscriptions",
    "revenue_kpis",
    "mrr_monthly",
    "mrr_trend",
    "mrr_movements",
    "mrr_movement_details",
    "mrr_movements_monthly",
    "revenue_retention",
    "revenue_cohorts",
    "mrr_restatements",
    "mrr_restatement_details",
    "revenue_by_health",
    "revenue_health_matrix",
    "revenue_by_product",
    "revenue_concentration",
    "top_revenue_organizations",
    "revenue_changes",
    "revenue_change_details",
)


@pytest.mark.parametrize("mart", MARTS)
def test_revenue_mart_equals_the_oracle(built_worlds: list[BuiltWorld], mart: str) -> None:
    for built in built_worlds:
        found = differences(("company_id", *KEYS[mart]), built.expected[mart], built.rows(mart))
        assert not found, report(f"{mart} as of {built.world.as_of}", found)


@pytest.mark.parametrize("mart", MARTS)
def test_revenue_mart_has_something_to_compare(built_worlds: list[BuiltWorld], mart: str) -> None:
    assert any(len(built.expected[mart]) > 10 for built in built_worlds)
