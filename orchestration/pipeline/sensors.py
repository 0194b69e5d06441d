"""What happens when a run fails."""

import logging

import dagster as dg

_LOGGER = logging.getLogger("saas_tracker.alerts")


def failure_message(job_name: str, run_id: str, error: str) -> str:
    """One line: which run, what broke."""
    first_line = error.strip().splitlines()[0] if error.strip() else "no message"
    return f"{job_name}: run {run_id} failed: {first_line}"


def failure_sensor() -> dg.SensorDefinition:
    """Logs every failed run as an error. The place to add a channel that wakes someone up."""

    @dg.run_failure_sensor(
        name="failed_runs",
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Logs failed runs as errors of the logger saas_tracker.alerts.",
    )
    def failed_runs(context: dg.RunFailureSensorContext) -> None:
        message = failure_message(
            context.dagster_run.job_name,
            context.dagster_run.run_id,
            context.failure_event.message or "",
        )
        _LOGGER.error(message)
        context.log.error(message)

    return failed_runs
