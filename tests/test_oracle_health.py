"""Health scores, their components and bands against the oracle.

Every number in these marts is computed twice, by dbt and by ``tests/oracle``, for companies drawn
at random and companies whose values lie exactly on a rule's edge.
"""

from collections import defaultdict

import pytest

from tests.oracle.inputs import CompanyInputs, Row
from tests.support.compare import differences, report
from tests.support.mart_keys import KEYS
from tests.support.worlds import BuiltWorld

MARTS = (
    "organization_health_daily",
    "organization_health_components",
    "organization_health_changes",
    "organization_health_change_components",
    "health_distribution",
)


@pytest.mark.parametrize("mart", MARTS)
def test_health_mart_equals_the_oracle(built_worlds: list[BuiltWorld], mart: str) -> None:
    for built in built_worlds:
        found = differences(("company_id", *KEYS[mart]), built.expected[mart], built.rows(mart))
        assert not found, report(f"{mart} as of {built.world.as_of}", found)


@pytest.mark.parametrize("mart", MARTS)
def test_health_mart_has_something_to_compare(built_worlds: list[BuiltWorld], mart: str) -> None:
    assert any(len(built.expected[mart]) > 100 for built in built_worlds)


def test_the_worlds_hold_the_edges_of_the_model(built_worlds: list[BuiltWorld]) -> None:
    seen_unmeasured = set()
    for built in built_worlds:
        scores = {
            (row["health_band"], row["health_score"])
            for row in built.expected["organization_health_daily"]
        }
        assert {("watch", 40), ("healthy", 70)} <= scores
        movers = {row["main_mover"] for row in built.expected["organization_health_changes"]}
        assert {None, "recency", "frequency", "trend"} <= movers
        components: dict[tuple, list[Row]] = defaultdict(list)
        for row in built.expected["organization_health_components"]:
            organization = (row["company_id"], row["app_id"], row["external_org_id"])
            components[organization].append(row)
        losses = [[row["points_lost"] or 0 for row in rows] for rows in components.values()]
        assert any(max(lost) and lost.count(max(lost)) > 1 for lost in losses), "a tie of drivers"
        seen_unmeasured |= {
            tuple(row["component"] for row in rows if row["weight"] is None)
            for rows in components.values()
        }
    assert seen_unmeasured == {(), ("breadth",), ("users",), ("breadth", "users")}


def test_health_models_have_one_version_as_far_as_they_are_equal(
    built_worlds: list[BuiltWorld],
) -> None:
    for built in built_worlds:
        versions = {
            row["company_id"]: row["model_version"]
            for row in built.rows("organization_health_daily")
        }
        models = {company_id: resolved_model(built, company_id) for company_id in versions}
        assert 2 < len(set(models.values())) < len(models), "equal and different models to compare"
        pairs = set(zip(versions.values(), models.values(), strict=True))
        assert len(pairs) == len(set(versions.values())) == len(set(models.values()))


def resolved_model(built: BuiltWorld, company_id: str) -> frozenset:
    inputs = CompanyInputs(company_id, built.world.as_of, {}, built.references)
    return frozenset(inputs.health_model.items()) | frozenset(inputs.band_minimums)
