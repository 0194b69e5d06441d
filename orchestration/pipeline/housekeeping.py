"""Old run records. Dagster keeps them for ever; only ticks have a retention (``dagster.yaml``)."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from orchestration.platform.settings import load_operations

_FINISHED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]


def delete_old_runs(instance: dg.DagsterInstance, before: datetime) -> int:
    """Delete finished runs created before an instant, with their events and logs; how many.

    Runs that hold the newest materialization of an asset stay whatever their age: the UI shows it.
    """
    old = instance.get_run_ids(dg.RunsFilter(statuses=_FINISHED, created_before=before))
    kept = _runs_of_newest_materializations(instance)
    doomed = [run_id for run_id in old if run_id not in kept]
    for run_id in doomed:
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        instance.delete_run(run_id)
    return len(doomed)


def _runs_of_newest_materializations(instance: dg.DagsterInstance) -> set[str]:
    newest = instance.get_latest_materialization_events(instance.all_asset_keys())
    return {event.run_id for event in newest.values() if event is not None}


@dg.op(description="Deletes records of finished runs that are older than the retention.")
def delete_old_run_records(context: dg.OpExecutionContext) -> None:
    """Nothing is deleted where ``SAAS_TRACKER_KEEP_RUNS_DAYS`` is 0."""
    days = load_operations().keep_runs_days
    if days == 0:
        context.log.info("SAAS_TRACKER_KEEP_RUNS_DAYS is 0: every run is kept")
        return
    count = delete_old_runs(context.instance, datetime.now(UTC) - timedelta(days=days))
    context.log.info(f"deleted {count} runs older than {days} days")
    context.add_output_metadata({"deleted runs": count})


@dg.job(
    description="Deletes old run records with their events and logs.",
    executor_def=dg.in_process_executor,
)
def housekeeping() -> None:
    """The one job that does not touch the warehouse."""
    delete_old_run_records()
