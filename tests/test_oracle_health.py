"""Health scores, their components and bands against the oracle.

Every number in these marts is computed twice, by dbt and by ``tests/oracle``, for companies drawn
at random and companies whose values lie exactly on a rule's edge.
"""

import pytest

from tests.oracle.inputs import CompanyInputs
from tests.support.compare import differences, report
from tests.support.mart_keys import KEYS
from tests.support.worlds import BuiltWorld

MARTS = (
    "organization_health_daily",
    "organization_health_components",
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
