"""What starts a run when files arrive, and what happens when a run fails."""

import logging
from datetime import UTC, datetime, timedelta

import dagster as dg

from ingestion.errors import UserError
from ingestion.landing.listing import landing_digest
from ingestion.settings import Settings
from orchestration.pipeline.alerts import post, report_failure
from orchestration.pipeline.jobs import is_under_way
from orchestration.platform.policy import JOB
from orchestration.platform.settings import OperationsSettings

LISTING_TAG = "saas_tracker/landing"
_SECONDS = 60
_FIRST_RETRY = timedelta(minutes=5)
_LAST_RETRY = timedelta(hours=6)
_LOGGER = logging.getLogger("saas_tracker.alerts")


def retry_after(failures: int) -> timedelta:
    """How long to leave a listing alone that failed so often: 5 minutes, doubled up to 6 hours."""
    return min(_FIRST_RETRY * 2 ** max(failures - 1, 0), _LAST_RETRY)


def landing_sensor(settings: Settings) -> dg.SensorDefinition:
    """The cursor is the digest of the last listing that was loaded with success, no other."""

    @dg.sensor(
        name="new_landing_files",
        job_name=JOB,
        minimum_interval_seconds=_SECONDS,
        description="Runs the job when files were added to the landing zone or changed there.",
    )
    def new_landing_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        try:
            digest = landing_digest(settings)
        except UserError as error:
            return dg.SkipReason(str(error))
        except OSError as error:
            return dg.SkipReason(f"the landing zone {settings.landing} cannot be listed: {error}")
        if digest is None:
            return dg.SkipReason(f"the landing zone {settings.landing} is empty")
        if digest == context.cursor:
            return dg.SkipReason("no new files")
        return next_step(context.instance, digest)

    return new_landing_files


def next_step(instance: dg.DagsterInstance, digest: str) -> dg.SensorResult | dg.SkipReason:
    """Start a run for a listing, wait for one that is under way, or move the cursor."""
    runs = instance.get_run_records(
        dg.RunsFilter(job_name=JOB, tags={LISTING_TAG: digest}), limit=20
    )
    statuses = [record.dagster_run.status for record in runs]
    if dg.DagsterRunStatus.SUCCESS in statuses:
        return dg.SensorResult(skip_reason="these files are loaded", cursor=digest)
    if is_under_way(instance):
        return dg.SkipReason("a run is under way")
    if runs:
        last = max(record.create_timestamp for record in runs)
        if datetime.now(UTC) < (again := last + retry_after(len(runs))):
            return dg.SkipReason(
                f"{len(runs)} runs with these files failed; next try {again:%Y-%m-%d %H:%M} UTC"
            )
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"{digest}-{len(runs)}", tags={LISTING_TAG: digest})]
    )


def failure_sensor(operations: OperationsSettings) -> dg.SensorDefinition:
    """Tells of every failed run: the log always, the webhook from a number of failures on."""

    @dg.run_failure_sensor(
        name="failed_runs",
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Logs failed runs (logger saas_tracker.alerts) and posts them to"
            f" SAAS_TRACKER_ALERT_WEBHOOK after {operations.alert_after_failures} in a row."
        ),
    )
    def failed_runs(context: dg.RunFailureSensorContext) -> None:
        report = report_failure(
            context.instance, context.dagster_run, context.failure_event.message or "", operations
        )
        _LOGGER.error(report.line())
        context.log.error(report.line())
        webhook = operations.alert_webhook
        if webhook is None or report.failures_in_a_row < operations.alert_after_failures:
            return

        def log_error(message: str) -> None:
            _LOGGER.error(message)
            context.log.error(message)

        post(webhook.get_secret_value(), report.payload(), log_error)

    return failed_runs
