"""Runs whose process was killed are closed and hold no slot; those that live are left alone."""

import os
import subprocess
import sys
import time

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, DagsterEventType, EngineEventData

from orchestration.pipeline.alerts import report_failure
from orchestration.pipeline.recovery import close_runs_without_process
from orchestration.platform.policy import POOL
from orchestration.platform.settings import OperationsSettings

STEP = "a_step"


@pytest.fixture
def instance():
    launcher = {"module": "orchestration.platform.launcher", "class": "WatchedRunLauncher"}
    with dg.instance_for_test({"run_launcher": launcher}) as instance:
        instance.event_log_storage.set_concurrency_slots(POOL, 1)
        yield instance


@dg.job
def job():
    pass


def start_run(instance, pid, status=dg.DagsterRunStatus.STARTED, *, before=0.0):
    """A run that holds the slot; its process said so some seconds before now."""
    run = instance.create_run_for_job(job, status=status)
    event = DagsterEvent(
        DagsterEventType.ENGINE_EVENT.value,
        job_name=run.job_name,
        message="Executing steps in process",
        event_specific_data=EngineEventData.in_process(pid),
    )
    instance.report_dagster_event(event, run.run_id, timestamp=time.time() - before)
    instance.event_log_storage.claim_concurrency_slot(POOL, run.run_id, STEP)
    return run.run_id


def claimed(instance):
    return instance.event_log_storage.get_concurrency_info(POOL).claimed_slots


def killed_pid():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    process.kill()
    process.wait()
    return process.pid


def test_a_killed_run_is_closed_and_its_slot_free(instance):
    pid = killed_pid()
    run_id = start_run(instance, pid)
    assert len(claimed(instance)) == 1
    assert close_runs_without_process(instance) == [run_id]
    run = instance.get_run_by_id(run_id)
    assert run.status == dg.DagsterRunStatus.FAILURE
    (failed,) = instance.all_logs(run_id, of_type=DagsterEventType.RUN_FAILURE)
    said = failed.get_dagster_event().message
    report = report_failure(instance, run, said, OperationsSettings(_env_file=None))
    assert f"process {pid}" in report.line()
    assert claimed(instance) == []
    assert close_runs_without_process(instance) == []


def test_a_living_run_is_left_alone(instance):
    start_run(instance, os.getpid())
    assert close_runs_without_process(instance) == []
    assert len(claimed(instance)) == 1


def test_another_process_with_the_id_of_the_killed_one_is_not_taken_for_it(instance):
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        run_id = start_run(instance, other.pid, before=3600)
        assert close_runs_without_process(instance) == [run_id]
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.CANCELED, dg.DagsterRunStatus.SUCCESS])
def test_runs_that_are_not_under_way_are_left_alone(instance, status):
    start_run(instance, killed_pid(), status)
    assert close_runs_without_process(instance) == []


def test_a_run_that_has_not_said_its_process_yet_is_left_alone(instance):
    instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert close_runs_without_process(instance) == []
