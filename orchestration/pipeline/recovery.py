"""Runs whose process was killed: their record says "started" for ever, and they hold the pool.

The daemon learns of them from the launcher; a run of the command, which may have no daemon beside
it, closes them here before it starts.
"""

import dagster as dg

from orchestration.platform.launcher import WatchedRunLauncher, is_alive, reported_process


def close_runs_without_process(instance: dg.DagsterInstance) -> list[str]:
    """Mark started runs as failed whose process is gone, free their pool slots; return their ids.

    Only where runs are processes of this machine: elsewhere the launcher knows better.
    """
    launcher = instance.run_launcher
    if not isinstance(launcher, WatchedRunLauncher):
        return []
    closed = []
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        process = reported_process(instance, run)
        if process is not None and not is_alive(*process):
            close_run(instance, run)
            closed.append(run.run_id)
    return closed


def close_run(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Mark a run as failed whose process is gone, which it names; give its pool slots to others."""
    process = reported_process(instance, run)
    which = "before it said which one it is" if process is None else f"process {process[0]}"
    instance.report_run_failed(
        run,
        f"The process of this run is gone ({which}): it was killed, or the machine restarted.",
    )
    instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
