"""Runs that the UI launches: what happens to them when processes are killed."""

import os
import signal

import dagster as dg
import duckdb
import psutil
import pytest

from orchestration.platform.policy import JOB
from tests.support.dagster_server import Place, dagster_dev, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path) -> Place:
    place = Place(tmp_path)
    place.generate()
    return place


def worker_of(server, instance, run_id) -> psutil.Process:
    """The process of a run, once it works on the warehouse and holds the pool's slot."""
    wait_for(lambda: instance.event_log_storage.get_concurrency_run_ids() == {run_id}, 600)
    events = instance.all_logs(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
    for entry in events:
        pid = entry.get_dagster_event().engine_event_data.metadata.get("pid")
        if pid is not None:
            return psutil.Process(int(pid.value))
    raise AssertionError("the run has named no process")


def message_of_failure(instance, run_id) -> str:
    (entry,) = instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    return entry.get_dagster_event().message


def test_a_worker_that_is_killed_does_not_hold_up_the_next_run(place):
    with dagster_dev(place) as server, place.instance() as instance:
        first = server.launch(JOB)
        worker = worker_of(server, instance, first)
        second = server.launch(JOB)
        assert server.status(second) in {"QUEUED", "NOT_STARTED"}
        os.kill(worker.pid, signal.SIGKILL)

        assert server.wait(first, 240) == "FAILURE"
        assert server.wait(second) == "SUCCESS"
        assert instance.event_log_storage.get_concurrency_run_ids() == set()
    assert (place.serving / "all.duckdb").exists()


def test_a_machine_that_stops_does_not_hold_up_the_next_run(place):
    with dagster_dev(place) as server, place.instance() as instance:
        first = server.launch(JOB)
        worker = worker_of(server, instance, first)
        second = server.launch(JOB)
        children = [worker, *worker.children(recursive=True)]
        server.kill()
        for process in children:
            if process.is_running():
                process.kill()
        # Nobody is left who could have informed the instance.
        assert instance.get_run_by_id(first).status == dg.DagsterRunStatus.STARTED

    with dagster_dev(place) as server, place.instance() as instance:
        assert server.wait(first, 240) == "FAILURE"
        assert f"process {worker.pid} is gone" in message_of_failure(instance, first)
        assert server.wait(second) == "SUCCESS"
    assert (place.serving / "all.duckdb").exists()


def test_a_rebuild_from_the_launchpad_builds_and_publishes(place):
    place.call("saas-tracker", "run")
    published = place.serving / "all.duckdb"
    before = published.stat().st_mtime_ns
    with dagster_dev(place) as server:
        refused = server.try_launch("rebuild", {"company": "acme"})
        assert 'Received unexpected config entry "company"' in str(refused)
        unknown = server.launch("rebuild", {"company_id": "acmee"})
        assert server.wait(unknown) == "FAILURE"
        assert published.stat().st_mtime_ns == before

        run_id = server.launch("rebuild", {"company_id": "acme", "from_date": "2025-02-01"})
        assert server.wait(run_id) == "SUCCESS"
        with place.instance() as instance:
            assert instance.get_run_by_id(run_id).tags["saas_tracker/company"] == "acme"
            newest = instance.get_latest_materialization_event(dg.AssetKey(["marts", "signals"]))
            lineage = newest.asset_materialization.metadata["dagster/column_lineage"].value
            (source,) = lineage.deps_by_column["opened_on"]
            assert source.asset_key == dg.AssetKey(["marts", "signal_episodes"])
            key = dg.AssetKey(["serving", "published"])
            assert instance.get_latest_materialization_event(key).run_id == run_id
    assert published.stat().st_mtime_ns == before, "the same rows: nothing to write"
    with duckdb.connect(str(published), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.organizations").fetchone()[0] > 0
