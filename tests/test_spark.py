"""The marts that Spark builds are those of DuckDB, from scratch and where a build continues one."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.dbt_runner import finish_dbt
from tests.support.replay import split_rows
from tests.support.spark_builds import BothEngines, State, small_cluster
from tests.support.worlds import PROJECT_SEEDS, draw_world, read_seeds

pytestmark = [pytest.mark.slow, pytest.mark.spark]


def _states() -> dict[str, State]:
    world = draw_world(0)
    seeds = world.seed_rows(read_seeds(PROJECT_SEEDS))
    edited = {**seeds, "health_bands": [
        {**row, "min_score": "75"} if row["health_band"] == "healthy" else row
        for row in read_seeds(PROJECT_SEEDS)["health_bands"]
    ]}  # fmt: skip
    first, late = split_rows(world.raw_rows(), 2, random.Random(0))
    next_day = State(world.as_of + timedelta(days=1), seeds)
    return {
        "from scratch": State(world.as_of, seeds, first),
        "after a late file": State(world.as_of, seeds, late),
        "a day later": next_day,
        "other reference data": replace(next_day, seeds=edited),
    }


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothEngines]:
    with small_cluster() as cluster:
        yield BothEngines(cluster, tmp_path_factory.mktemp("spark"))


# In this order: each state continues the one before.
@pytest.mark.parametrize("name", ["from scratch", "after a late file", "a day later",
                                  "other reference data"])  # fmt: skip
def test_marts_are_equal(engines: BothEngines, name: str) -> None:
    state = _states()[name]
    engines.load(state)
    engines.build(state)
    assert engines.differences() == {}


@pytest.mark.parametrize("kind", ["data", "unit"])
def test_tests_of_the_models_pass(engines: BothEngines, kind: str) -> None:
    finish_dbt(
        engines.start_spark(
            _states()["other reference data"], "test", "--select", f"test_type:{kind}"
        )
    )
