"""Plan usage, lateness and mistaken organization ids against the oracle.

Every number in these marts is computed twice, by dbt and by ``tests/oracle``, for companies drawn
at random and companies whose values lie exactly on a rule's edge.
"""

import pytest

from tests.support.compare import differences, report
from tests.support.mart_keys import KEYS
from tests.support.worlds import BuiltWorld

MARTS = ("plan_usage", "late_events", "organization_id_mismatches")


@pytest.mark.parametrize("mart", MARTS)
def test_quality_mart_equals_the_oracle(built_worlds: list[BuiltWorld], mart: str) -> None:
    for built in built_worlds:
        found = differences(("company_id", *KEYS[mart]), built.expected[mart], built.rows(mart))
        assert not found, report(f"{mart} as of {built.world.as_of}", found)


@pytest.mark.parametrize("mart", MARTS)
def test_quality_mart_has_something_to_compare(built_worlds: list[BuiltWorld], mart: str) -> None:
    assert all(len(built.expected[mart]) > 5 for built in built_worlds)


def test_the_worlds_hold_every_side_of_the_limits(built_worlds: list[BuiltWorld]) -> None:
    limited = [row for row in built_worlds[1].expected["plan_usage"] if row["events_limit"] == 40]
    assert {39, 40, 41} <= {row["events"] for row in limited}
    for built in built_worlds:
        late = built.expected["late_events"]
        for delay in ("within_hour", "within_day", "within_week", "later"):
            assert any(row[f"events_{delay}"] for row in late)
