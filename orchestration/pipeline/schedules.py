"""When the job runs by itself."""

import dagster as dg

from orchestration.pipeline.jobs import run_config
from orchestration.policy import JOB


def pipeline_schedules() -> list[dg.ScheduleDefinition]:
    """Hourly, and once a night with every file read again."""
    return [
        dg.ScheduleDefinition(
            name="hourly_load_and_build",
            job_name=JOB,
            cron_schedule="15 * * * *",
            execution_timezone="UTC",
            run_config=run_config(),
            description="Loads what is new and builds if anything changed.",
        ),
        dg.ScheduleDefinition(
            name="daily_full_scan",
            job_name=JOB,
            cron_schedule="0 2 * * *",
            execution_timezone="UTC",
            run_config=run_config(full_scan=True),
            description="Compares the content of every file, not only its size and time.",
        ),
    ]
