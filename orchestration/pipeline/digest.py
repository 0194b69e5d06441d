"""The weekly digest of the signals: one message a company to the webhook of the alerts."""

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb

from ingestion.settings import Settings
from orchestration.pipeline.alerts import post
from orchestration.platform.settings import OperationsSettings
from orchestration.serving.digest import changes_of_week, companies_of, message


def send_digests(published: Path, url: str, log_error: Callable[[str], None]) -> tuple[int, int]:
    """Post one message for every company whose signals changed; how many, and how many failed."""
    with duckdb.connect(str(published), read_only=True) as connection:
        messages = [
            message(company, found)
            for company in companies_of(connection)
            if (found := changes_of_week(connection, company))
        ]
    sent = [post(url, payload, log_error) for payload in messages]
    return len(sent), sent.count(False)


def digest_job(settings: Settings, operations: OperationsSettings) -> dg.JobDefinition:
    """Reads the published copy alone: it needs no slot of the warehouse."""

    @dg.op(description="Posts what changed in the signals of each company in the last 7 days.")
    def send_signal_digests(context: dg.OpExecutionContext) -> None:
        webhook, published = operations.alert_webhook, settings.serving / "all.duckdb"
        if webhook is None:
            raise dg.Failure("set SAAS_TRACKER_ALERT_WEBHOOK: the digest is posted there")
        if not published.exists():
            raise dg.Failure(f"{published} does not exist: run `saas-tracker run` first")
        count, failed = send_digests(published, webhook.get_secret_value(), context.log.error)
        context.log.info(f"sent {count - failed} of {count} digests")
        if failed:
            raise dg.Failure(f"{failed} of {count} digests could not be delivered")

    @dg.job(
        description="Sends the weekly digest of the signals to SAAS_TRACKER_ALERT_WEBHOOK.",
        executor_def=dg.in_process_executor,
    )
    def signal_digest() -> None:
        send_signal_digests()

    return signal_digest


def digest_schedule(job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Off until somebody starts it in the UI."""
    return dg.ScheduleDefinition(
        name="weekly_signal_digest",
        job=job,
        cron_schedule="0 7 * * 1",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="What changed in the signals within a week, one message a company.",
    )
