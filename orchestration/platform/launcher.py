"""Tells Dagster's run monitoring whether the process of a run is still there.

Dagster's own launcher notices a killed run only as long as the code server that started it lives,
and never one that ``saas-tracker run`` executes by itself. Such a record would stay STARTED and,
with one run at a time, hold the queue for good.
"""

from datetime import datetime

import psutil
from dagster import DagsterEventType, DagsterInstance, DagsterRun, DefaultRunLauncher
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus

_PID = "pid"
_CLOCK_TOLERANCE_SECONDS = 5  # the kernel's clock ticks and the event's time are rounded apart


class WatchedRunLauncher(DefaultRunLauncher):
    """The default launcher, with a look at the process for run monitoring (``dagster.yaml``)."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Run monitoring asks about every run that is under way."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """By the newest process id that the run has reported."""
        reported = reported_process(self._instance, run)
        if reported is None:
            return CheckRunHealthResult(WorkerStatus.RUNNING, "no process reported yet")
        pid, since = reported
        if is_alive(pid, since):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(
            WorkerStatus.FAILED, f"process {pid} is gone: it was killed, or the machine restarted"
        )


def is_alive(pid: int, since: float) -> bool:
    """Whether process ``pid`` of the instant ``since`` (Unix seconds) is still the same one."""
    try:
        process = psutil.Process(pid)
        return (
            process.status() != psutil.STATUS_ZOMBIE
            and process.create_time() <= since + _CLOCK_TOLERANCE_SECONDS
        )
    except psutil.NoSuchProcess:
        return False


def reported_process(instance: DagsterInstance, run: DagsterRun) -> tuple[int, float] | None:
    """Id of the process that executes the run, and when it said so; None before it did."""
    records = instance.get_records_for_run(
        run.run_id, of_type=DagsterEventType.ENGINE_EVENT, ascending=False
    ).records
    for record in records:
        event = record.event_log_entry.get_dagster_event()
        if (value := event.engine_event_data.metadata.get(_PID)) is not None:
            return int(str(value.value)), _seconds(record.event_log_entry.timestamp)
    return None


def _seconds(timestamp: float | datetime) -> float:
    return timestamp.timestamp() if isinstance(timestamp, datetime) else timestamp
