"""Runs whose process was killed: their record says "started" for ever, and they hold the pool.

Dagster looks after runs that are containers or jobs of a cluster. A process of this machine that
is killed tells nobody, and its run would keep the queue waiting: here its process is looked for.
"""

import os
from pathlib import Path

import dagster as dg
from dagster._core.launcher import DefaultRunLauncher

_PID = "pid"
_CLOCK_SLACK_SECONDS = 2.0


def close_runs_without_process(instance: dg.DagsterInstance) -> list[str]:
    """Mark started runs as failed whose process is gone, free their pool slots; return their ids.

    Only where runs are processes of this machine: elsewhere the launcher knows better.
    """
    if not isinstance(instance.run_launcher, DefaultRunLauncher):
        return []
    closed = []
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        process = _process_of(instance, run.run_id)
        if process is not None and not is_alive(*process):
            close_run(instance, run)
            closed.append(run.run_id)
    return closed


def close_run(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Mark a run as failed and give its pool slots to others."""
    instance.report_run_failed(run, "The process of this run was killed.")
    instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def is_alive(pid: int, since: float) -> bool:
    """Whether the process with this id is the one that was there at a time (Unix seconds)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's, and alive
    started = _started_at(pid)
    return started is None or started <= since + _CLOCK_SLACK_SECONDS


def dead_run_sensor() -> dg.SensorDefinition:
    """Closes dead runs, so that the queue behind them moves on."""

    @dg.sensor(
        name="dead_runs",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Marks runs as failed whose process was killed, and frees their pool slots.",
    )
    def dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        closed = close_runs_without_process(context.instance)
        return dg.SkipReason(f"closed {', '.join(closed)}" if closed else "every run is alive")

    return dead_runs


def _process_of(instance: dg.DagsterInstance, run_id: str) -> tuple[int, float] | None:
    """Id of the process that executes the run, and when it said so; None before it did."""
    entries = instance.all_logs(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
    for entry in reversed(entries):
        metadata = entry.dagster_event.engine_event_data.metadata if entry.dagster_event else {}
        if _PID in metadata:
            return int(str(metadata[_PID].value)), entry.timestamp
    return None


def _started_at(pid: int) -> float | None:
    """When a process started, in Unix seconds; None where the system does not say."""
    try:
        boot = next(
            int(line.split()[1])
            for line in Path("/proc/stat").read_text().splitlines()
            if line.startswith("btime ")
        )
        # The name of the program may hold spaces and brackets; the 22nd field is the start.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return boot + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, StopIteration, ValueError):
        return None
