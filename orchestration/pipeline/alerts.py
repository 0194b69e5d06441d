"""What a failed run says, and to whom."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import dagster as dg
import requests

from orchestration.landing.figures import COMPANIES
from orchestration.platform.plain_text import calling_nobody, visible
from orchestration.platform.policy import COMPANY_TAG, OWNER
from orchestration.platform.settings import OperationsSettings

_SHOWN = 5
_TIMEOUT_SECONDS = 10
_LOOK_BACK = 1000
_FINISHED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]


@dataclass(frozen=True)
class FailureReport:
    """A failed run for people: ``companies`` are those whose files or figures it was about."""

    job: str
    run_id: str
    failures_in_a_row: int
    reasons: list[str]
    companies: list[str]
    owner: str = OWNER
    url: str | None = None

    def line(self) -> str:
        """Everything on one line, with what cannot be seen made visible."""
        reasons = "; ".join(self.reasons[:_SHOWN]) or "no message"
        if len(self.reasons) > _SHOWN:
            reasons += f"; and {len(self.reasons) - _SHOWN} more"
        often = f" ({self.failures_in_a_row} in a row)" if self.failures_in_a_row > 1 else ""
        companies = ", ".join(self.companies) or "all"
        return visible(
            f"{self.job} failed{often}: {reasons} [companies: {companies}; owner: {self.owner};"
            f" run: {self.url or self.run_id}]"
        )

    def payload(self) -> dict[str, Any]:
        """The body for a webhook; Slack, Mattermost and Teams workflows show its ``text``.

        File names and values are the senders': a mention in them reaches nobody.
        """
        return {
            "text": calling_nobody(self.line()),
            "job": self.job,
            "run_id": self.run_id,
            "failures_in_a_row": self.failures_in_a_row,
            "reasons": list(map(calling_nobody, self.reasons)),
            "companies": list(map(calling_nobody, self.companies)),
            "owner": self.owner,
            "url": self.url,
        }


def report_failure(
    instance: dg.DagsterInstance, run: dg.DagsterRun, message: str, operations: OperationsSettings
) -> FailureReport:
    """Collect what the instance knows of a failed run. ``message``: the run's own last word."""
    reasons = (
        _failed_checks(instance, run) or _failed_steps(instance, run) or [_first_line(message)]
    )
    link = f"{str(operations.ui_url).rstrip('/')}/runs/{run.run_id}" if operations.ui_url else None
    return FailureReport(
        job=run.job_name,
        run_id=run.run_id,
        failures_in_a_row=failures_in_a_row(instance, run),
        reasons=reasons or [_first_line(message)],
        companies=_companies(instance, run),
        url=link,
    )


def failures_in_a_row(instance: dg.DagsterInstance, run: dg.DagsterRun) -> int:
    """How many runs of the job have failed since the last one that did not, this one included."""
    records = instance.get_run_records(
        dg.RunsFilter(job_name=run.job_name, statuses=_FINISHED), limit=_LOOK_BACK
    )
    ids = [record.dagster_run.run_id for record in records]
    count = 0
    for record in records[ids.index(run.run_id) if run.run_id in ids else 0 :]:
        if record.dagster_run.status == dg.DagsterRunStatus.SUCCESS:
            break
        count += record.dagster_run.status == dg.DagsterRunStatus.FAILURE
    return max(count, 1)


def post(url: str, payload: dict[str, Any], log_error: Callable[[str], None]) -> bool:
    """Send the report; what goes wrong with that is logged, without the address: it is a secret."""
    try:
        response = requests.post(
            url,
            data=json.dumps(payload),
            headers={"Content-Type": "application/json"},
            timeout=_TIMEOUT_SECONDS,
        )
    except requests.RequestException as error:
        log_error(f"the alert webhook could not be reached ({type(error).__name__})")
        return False
    if not response.ok:
        log_error(f"the alert webhook answered {response.status_code} {response.reason}")
    return response.ok


def _failed_checks(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[str]:
    events = _events(instance, run, dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    checks = [event.asset_check_evaluation_data for event in events]
    return [
        f"check {check.check_name} on {check.asset_key.to_user_string()}"
        + (f": {_first_line(check.description)}" if check.description else "")
        for check in checks
        if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR
    ]


def _failed_steps(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[str]:
    reasons = []
    for event in _events(instance, run, dg.DagsterEventType.STEP_FAILURE):
        error = event.step_failure_data.error
        while error is not None and error.cause is not None:
            error = error.cause
        said = _first_line(error.message) if error else "no message"
        reasons.append(f"{event.step_key}: {said}")
    return reasons


def _companies(instance: dg.DagsterInstance, run: dg.DagsterRun) -> list[str]:
    """The company that the run was for, else those whose files it loaded; none means all."""
    if company := run.tags.get(COMPANY_TAG):
        return [company]
    found: set[str] = set()
    for event in _events(instance, run, dg.DagsterEventType.ASSET_MATERIALIZATION):
        named = event.step_materialization_data.materialization.metadata.get(COMPANIES)
        if isinstance(named, dg.JsonMetadataValue) and isinstance(named.value, list):
            found |= {str(company_id) for company_id in named.value}
    return sorted(found)


def _events(
    instance: dg.DagsterInstance, run: dg.DagsterRun, kind: dg.DagsterEventType
) -> list[dg.DagsterEvent]:
    return [entry.get_dagster_event() for entry in instance.all_logs(run.run_id, of_type=kind)]


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0] or "no message"
