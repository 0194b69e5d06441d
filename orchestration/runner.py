"""Runs the job in this process, against the instance whose runs the Dagster UI shows."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import dagster as dg
from dagster._core.storage.tags import REPOSITORY_LABEL_TAG

from ingestion.errors import UserError
from ingestion.raw.tables import RAW_TABLES, SCHEMA
from ingestion.settings import Settings
from ingestion.thresholds import read_thresholds
from orchestration.definitions import build_definitions
from orchestration.landing.checks import raw_suites
from orchestration.pipeline.jobs import run_config
from orchestration.pipeline.recovery import close_run, close_runs_without_process
from orchestration.pipeline.selection import select_keys
from orchestration.platform.instance import prepare_dagster_home
from orchestration.platform.policy import JOB
from orchestration.platform.progress import Reporter
from orchestration.serving.assets import PUBLISHED
from orchestration.transformation.inputs import is_up_to_date
from orchestration.transformation.project import ensure_manifest

_WAREHOUSE_TAG = "saas_tracker/warehouse"
_UNFINISHED = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


@dataclass(frozen=True)
class FailedCheck:
    """A check that did not pass: ``asset`` is its key with slashes."""

    asset: str
    name: str
    is_error: bool
    message: str


@dataclass(frozen=True)
class RunOutcome:
    """What became of a run. ``errors`` are the messages of steps that broke, outermost first."""

    run_id: str
    succeeded: bool
    materialized: list[str] = field(default_factory=list)
    checks_passed: int = 0
    failed_checks: list[FailedCheck] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def is_published(self) -> bool:
        """Whether the copies are of this run; copies of companies held back are older."""
        return PUBLISHED.to_user_string() in self.materialized


def execute(
    settings: Settings,
    reporter: Reporter,
    *,
    as_of: date | None = None,
    full_refresh: bool = False,
    full_scan: bool = False,
    selection: str | None = None,
    look_first: bool = False,
) -> RunOutcome:
    """Execute the job and say what became of it. The caller holds the run lock.

    ``look_first`` is for where nothing seems to be new: Dagster notes every table and check that a
    run intends to touch, so the run that looks for new files is all there is, unless it finds some.
    """
    manifest = ensure_manifest(settings)
    job = build_definitions(settings, manifest, reporter).resolve_job_def(JOB)
    keys = select_keys(job.asset_layer.asset_graph, selection) if selection else None
    config = run_config(as_of=as_of, full_refresh=full_refresh, full_scan=full_scan)
    with dg.DagsterInstance.from_config(str(prepare_dagster_home())) as instance:
        close_dead_runs(instance, settings)
        if look_first:
            look = job.get_subset(
                asset_selection=_raw_keys(), asset_check_selection=_raw_checks(settings)
            )
            outcome = _execute(settings, look, instance, config)
            if not outcome.succeeded or is_up_to_date(settings, as_of or settings.as_of_date()):
                return outcome
        if keys is not None:
            job = job.get_subset(asset_selection=frozenset(keys))
        return _execute(settings, job, instance, config)


def _raw_keys() -> frozenset[dg.AssetKey]:
    return frozenset(dg.AssetKey([SCHEMA, table.name]) for table in RAW_TABLES)


def _raw_checks(settings: Settings) -> frozenset[dg.AssetCheckKey]:
    suites = raw_suites(settings, read_thresholds())
    return frozenset(dg.AssetCheckKey(dg.AssetKey(suite.asset), suite.name) for suite in suites)


def _execute(
    settings: Settings,
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    config: dg.RunConfig,
) -> RunOutcome:
    ops = {name: value for name, value in config.ops.items() if job.graph.has_node_named(name)}
    result = job.execute_in_process(
        run_config=dg.RunConfig(ops=ops),
        instance=instance,
        raise_on_error=False,
        tags={
            _WAREHOUSE_TAG: str(settings.warehouse),
            REPOSITORY_LABEL_TAG: "__repository__@saas_tracker",
        },
    )
    return _outcome(result)


def close_dead_runs(instance: dg.DagsterInstance, settings: Settings) -> None:
    """Mark runs of this warehouse as failed whose process is gone, and free their pool slots.

    Only the holder of the run lock calls this, so no such run can be alive. Runs that Dagster
    started are closed, too, if their process is gone: their slot would be waited for.
    """
    runs = instance.get_runs(
        dg.RunsFilter(statuses=_UNFINISHED, tags={_WAREHOUSE_TAG: str(settings.warehouse)})
    )
    for run in runs:
        close_run(instance, run)
    close_runs_without_process(instance)


def _outcome(result: Any) -> RunOutcome:
    checks = result.get_asset_check_evaluations()
    failed = [check for check in checks if not check.passed]
    return RunOutcome(
        run_id=result.run_id,
        succeeded=result.success,
        materialized=sorted(
            event.asset_key.to_user_string() for event in result.get_asset_materialization_events()
        ),
        checks_passed=len(checks) - len(failed),
        failed_checks=[
            FailedCheck(
                check.asset_key.to_user_string(),
                check.check_name,
                check.severity == dg.AssetCheckSeverity.ERROR,
                check.description or _status(check),
            )
            for check in failed
        ],
        errors=[
            _message(event.event_specific_data.error)
            for event in result.all_events
            if event.is_step_failure
        ],
    )


def _status(check: Any) -> str:
    rows = check.metadata.get("dagster_dbt/failed_row_count")
    return f"{rows.value} rows" if rows else ""


def _message(error: Any) -> str:
    """The innermost cause that says something; of what a person can correct its words alone."""
    while error.cause is not None and error.cls_name != UserError.__name__:
        error = error.cause
    message = str(error.message).strip()
    return message.partition(": ")[2] if error.cls_name == UserError.__name__ else message
