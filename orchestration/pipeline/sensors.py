"""What happens when a run fails."""

import logging

import dagster as dg

from orchestration.pipeline.alerts import post, report_failure
from orchestration.settings import OperationsSettings

_LOGGER = logging.getLogger("saas_tracker.alerts")


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
