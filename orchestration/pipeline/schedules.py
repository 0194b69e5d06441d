"""When the jobs run by themselves."""

from collections.abc import Sequence

import dagster as dg

from orchestration.pipeline.housekeeping import housekeeping
from orchestration.pipeline.jobs import is_under_way, run_config
from orchestration.platform.policy import JOB


def pipeline_schedules() -> Sequence[dg.ScheduleDefinition]:
    """Hourly, once a night with every file read again, and the housekeeping."""
    return [
        hourly_schedule(),
        dg.ScheduleDefinition(
            name="daily_full_scan",
            job_name=JOB,
            cron_schedule="0 2 * * *",
            execution_timezone="UTC",
            run_config=run_config(full_scan=True),
            description="Compares the content of every file, not only its size and time.",
        ),
        dg.ScheduleDefinition(
            name="weekly_housekeeping",
            job=housekeeping,
            cron_schedule="30 4 * * 0",
            execution_timezone="UTC",
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="Deletes run records older than SAAS_TRACKER_KEEP_RUNS_DAYS.",
        ),
    ]


def hourly_schedule() -> dg.ScheduleDefinition:
    """Skips while a run is under way, so that a long one does not leave a queue behind."""

    @dg.schedule(
        name="hourly_load_and_build",
        job_name=JOB,
        cron_schedule="15 * * * *",
        execution_timezone="UTC",
        description="Loads what is new and builds if anything changed.",
    )
    def hourly_load_and_build(
        context: dg.ScheduleEvaluationContext,
    ) -> dg.RunRequest | dg.SkipReason:
        if is_under_way(context.instance):
            return dg.SkipReason("a run is under way")
        return dg.RunRequest(run_config=run_config())

    return hourly_load_and_build
