"""Models that keep history, on a small Spark cluster: a build that continues. No calls are sent."""

import random
from collections.abc import Iterator

import pytest

from tests.support.replay import split_rows
from tests.support.spark_builds import BothEngines, State, small_cluster
from tests.support.worlds import PROJECT_SEEDS, WITHOUT_CALLS, draw_world, read_seeds

pytestmark = [pytest.mark.slow, pytest.mark.spark]

_MARTS = ("late_events", "page_metrics_daily", "health_distribution", "sessions",
          "organization_metrics_daily", "organization_health_daily")  # fmt: skip
_HISTORY = ("--select", "+config.materialized:incremental", "+tag:this_run", *_MARTS,
            "--exclude", "tag:calls")  # fmt: skip


@pytest.fixture(scope="module")
def states() -> Iterator[State]:
    world = draw_world(WITHOUT_CALLS)
    seeds = world.seed_rows(read_seeds(PROJECT_SEEDS))
    loads = split_rows(world.raw_rows(), 2, random.Random(0))
    return iter([State(world.as_of, seeds, rows) for rows in loads])


@pytest.fixture(scope="module")
def engines(
    states: Iterator[State], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BothEngines]:
    """Both engines, with the first state built."""
    with small_cluster() as cluster:
        engines = BothEngines(cluster, tmp_path_factory.mktemp("spark"))
        first = next(states)
        engines.load(first)
        engines.build(first, *_HISTORY)
        yield engines


def test_a_late_file_continues_the_build(engines: BothEngines, states: Iterator[State]) -> None:
    assert engines.differences(*_MARTS) == {}
    state = next(states)
    engines.load(state)
    engines.build(state, *_HISTORY)
    assert engines.differences(*_MARTS) == {}
