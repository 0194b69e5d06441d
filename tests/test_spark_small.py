"""Models that keep history on a small Spark cluster: a build that continues, and parts that die.

Of a world without calls. ``make test-spark-small`` runs the first test alone.
"""

import random
from collections.abc import Iterator

import pytest

from tests.support.dbt_runner import finish_dbt
from tests.support.replay import split_rows
from tests.support.spark_builds import WITHOUT_TESTS, BothEngines, State, small_cluster
from tests.support.spark_faults import BEFORE_INSERT, kill_busy_worker, wait_for_statement
from tests.support.worlds import PROJECT_SEEDS, WITHOUT_CALLS, draw_world, read_seeds

pytestmark = [pytest.mark.slow, pytest.mark.spark]

_MARTS = ("late_events", "page_metrics_daily", "health_distribution", "sessions",
          "organization_metrics_daily", "organization_health_daily")  # fmt: skip
_HISTORY = ("--select", "+config.materialized:incremental", "+tag:this_run", *_MARTS,
            "--exclude", "tag:calls")  # fmt: skip
_END_SECONDS = 1200  # also where the machine is busy with other things


@pytest.fixture(scope="module")
def states() -> Iterator[State]:
    world = draw_world(WITHOUT_CALLS)
    seeds = world.seed_rows(read_seeds(PROJECT_SEEDS))
    loads = split_rows(world.raw_rows(), 4, random.Random(0))
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


def test_a_build_outlives_a_worker(engines: BothEngines, states: Iterator[State]) -> None:
    state = next(states)
    engines.load(state)
    finish_dbt(engines.start_duckdb(state, "build", *WITHOUT_TESTS, *_HISTORY))
    sent = engines.spark_log.stat().st_size
    # One statement at a time: the task that is running is of the one that was waited for.
    build = engines.start_spark(state, "build", *WITHOUT_TESTS, *_HISTORY, threads=1)
    wait_for_statement(engines.spark_log, BEFORE_INSERT, sent)
    victim = kill_busy_worker(engines.cluster)
    output, _ = build.communicate(timeout=_END_SECONDS)
    assert build.returncode == 0, output[-6000:]
    assert engines.differences(*_MARTS) == {}
    engines.cluster.start_worker(victim)


def test_the_build_after_a_lost_server_is_a_rebuild(
    engines: BothEngines, states: Iterator[State]
) -> None:
    state = next(states)
    engines.load(state)
    finish_dbt(engines.start_duckdb(state, "build", *WITHOUT_TESTS, *_HISTORY))
    before = engines.count_rows("intermediate.int_session_events")
    sent = engines.spark_log.stat().st_size
    build = engines.start_spark(state, "build", *WITHOUT_TESTS, *_HISTORY, threads=1)
    wait_for_statement(engines.spark_log, BEFORE_INSERT, sent)
    engines.cluster.kill("thrift-server")
    output, _ = build.communicate(timeout=_END_SECONDS)
    assert build.returncode != 0
    assert "int_session_events" in output
    assert engines.count_rows("intermediate.int_session_events") < before
    engines.cluster.start_server()
    finish_dbt(engines.start_spark(state, "build", *WITHOUT_TESTS, *_HISTORY))
    assert engines.differences(*_MARTS) == {}
