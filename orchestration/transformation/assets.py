"""Reference data and models: one dbt build, its tests as checks."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliInvocation, DbtCliResource, dbt_assets

from ingestion.errors import UserError
from ingestion.reference import load_registry
from ingestion.settings import Settings
from orchestration.platform.lock import writer_lock
from orchestration.platform.policy import BUILD, COMPANY_TAG, POOL
from orchestration.platform.progress import Reporter
from orchestration.platform.warehouse import row_counts, table_columns
from orchestration.state.build_stages import (
    begin_build,
    finish_build,
    has_other_models,
    is_published,
    remember_warehouse,
)
from orchestration.state.held_back import hold_back, to_build_again
from orchestration.state.run_memory import RunMemory
from orchestration.transformation.arguments import Rebuild, build_arguments
from orchestration.transformation.failed_tests import causes_of_failed, judge_failed, judged
from orchestration.transformation.inputs import build_inputs
from orchestration.transformation.lineage import ColumnLineage, column_schema, readable
from orchestration.transformation.project import build_folder
from orchestration.transformation.removed import drop_removed
from orchestration.transformation.resources import dbt_variables
from orchestration.transformation.seeds import copy_seeds
from orchestration.transformation.translator import WarehouseTranslator

_SCHEMAS = ("seeds", "staging", "intermediate", "marts")


class BuildConfig(dg.Config):
    """What to build; without anything, what is new, as of today.

    ``as_of_date`` and ``rebuild_from`` are days (YYYY-MM-DD); the first is today in UTC where
    empty. ``rebuild_company`` and ``rebuild_from`` compute the figures of one company, or from a
    day on, even where nothing is new; ``full_refresh`` computes all of them.
    """

    as_of_date: str = ""
    full_refresh: bool = False
    rebuild_company: str = ""
    rebuild_from: str = ""

    def day(self, settings: Settings) -> date:
        """The day that the marts will describe."""
        return _parse_day("as_of_date", self.as_of_date) or settings.as_of_date()

    def rebuild(self, settings: Settings) -> Rebuild | None:
        """What is computed again beside what is new; UserError where that makes no sense."""
        start, as_of = _parse_day("from_date", self.rebuild_from), self.day(settings)
        if not self.rebuild_company and start is None:
            return None
        if self.full_refresh:
            raise UserError("full_refresh builds every company and day: leave the others empty")
        if start is not None and start > as_of:
            raise UserError(f"from_date is {start}, after the as-of date {as_of}")
        companies = load_registry(settings).companies
        if self.rebuild_company and self.rebuild_company not in companies:
            raise UserError(
                f"there is no company {self.rebuild_company!r}; companies: "
                + (", ".join(sorted(companies)) or "none")
            )
        return Rebuild(self.rebuild_company or None, start)


def _parse_day(name: str, value: str) -> date | None:
    """A day of the configuration; None where it is empty."""
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise UserError(f"{name} is not a day (YYYY-MM-DD): {value}") from error


def transformation_assets(
    settings: Settings, manifest: Path, reporter: Reporter
) -> dg.AssetsDefinition:
    """One op for the whole project: splitting it would break the order of tests and models."""

    @dbt_assets(
        manifest=manifest, dagster_dbt_translator=WarehouseTranslator(), name=BUILD, pool=POOL
    )
    def build_models(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, config: BuildConfig
    ) -> Iterator[Any]:
        as_of, memory = config.day(settings), RunMemory(settings)
        seeds, rebuild = copy_seeds(settings), config.rebuild(settings)
        with writer_lock(settings.warehouse, f"run {context.run.run_id}", context.log.info):
            inputs = None if context.is_subset else build_inputs(settings, seeds, as_of)
            asked_for = config.full_refresh or rebuild is not None
            if inputs and not asked_for and is_published(settings, memory, inputs):
                context.log.info(f"nothing new: the published marts are those of {as_of}")
                remember_warehouse(settings, memory)
                return
            if rebuild and rebuild.company_id:
                context.instance.add_run_tags(context.run_id, {COMPANY_TAG: rebuild.company_id})
            if context.selected_asset_keys:  # checks alone leave the marts as they are
                begin_build(memory)
            full_refresh = config.full_refresh
            if inputs and has_other_models(memory, inputs):
                context.log.info("the dbt project has changed: everything is built from raw")
                full_refresh = True
            if inputs and not asked_for and (again := to_build_again(memory)):
                context.log.info(f"built from the start for what failed last: {', '.join(again)}")
                rebuild = Rebuild(again[0]) if len(again) == 1 else None
                full_refresh = full_refresh or len(again) > 1
            reporter.stage("Build", _steps(context))
            with dbt_variables(settings, seeds, as_of):
                invocation = dbt.cli(
                    build_arguments(full_refresh=full_refresh, rebuild=rebuild),
                    context=context,
                    target_path=build_folder(settings),
                )
            yield from _results(context, settings, invocation, reporter)
            if inputs:
                drop_removed(settings, memory, json.loads(manifest.read_text()))
            finish_build(memory, inputs)

    return build_models


def _steps(context: dg.AssetExecutionContext) -> int:
    return len(context.selected_asset_keys) + len(context.selected_asset_check_keys)


def _results(
    context: dg.AssetExecutionContext,
    settings: Settings,
    invocation: DbtCliInvocation,
    reporter: Reporter,
) -> Iterator[Any]:
    """Check results as they come; tables at the end, with their rows and columns.

    Those are read when dbt is done: until then its process has the warehouse for itself. So are
    the rows that failed a test, which say whom it holds back. Raises dg.Failure where that is all.
    """
    tables: list[dg.Output] = []
    failed: dict[str, dg.AssetCheckResult] = {}
    failure = None
    try:
        for event in _until_failure(invocation):
            if isinstance(event, Exception):
                failure = event
                break
            reporter.advance(_label(event))
            if isinstance(event, dg.Output):
                tables.append(event)
            elif _is_failed_test(event):
                failed[event.metadata["unique_id"].value] = event
            else:
                yield event
    finally:
        _stop(invocation)
    yield from _with_facts(context, settings, invocation.manifest, tables)
    if failure is not None:
        yield from failed.values()
        raise failure
    verdicts = judge_failed(
        settings,
        invocation.manifest,
        invocation.get_artifact("run_results.json"),
        failed,
        load_registry(settings).companies,
    )
    for unique_id, verdict in verdicts.items():
        yield judged(failed[unique_id], verdict)
    if any(verdict.blocks for verdict in verdicts.values()):
        raise dg.Failure("a test failed for all companies", allow_retries=False)
    names = {unique_id: str(event.check_name) for unique_id, event in failed.items()}
    hold_back(RunMemory(settings), "build", causes_of_failed(verdicts, names))


def _is_failed_test(event: Any) -> bool:
    """Whether it is the result of a test that found rows: within a run that fails nothing yet."""
    return (
        isinstance(event, dg.AssetCheckResult)
        and not event.passed
        and event.severity == dg.AssetCheckSeverity.WARN
    )


def _with_facts(
    context: dg.AssetExecutionContext,
    settings: Settings,
    manifest: Mapping[str, Any],
    tables: list[dg.Output],
) -> Iterator[dg.Output]:
    """The tables with what the warehouse tells of them: rows, columns, where columns come from."""
    counts, columns = row_counts(settings, *_SCHEMAS), table_columns(settings)
    lineage = ColumnLineage(settings, manifest, columns)
    unique_ids = [_unique_id(output) for output in tables]
    sources = lineage.of(unique_ids)
    for problem in lineage.problems:
        context.log.warning(problem)
    for unique_id, output in zip(unique_ids, tables, strict=True):
        node = manifest["nodes"][unique_id]
        schema, table, lineage_found = node["schema"], node["alias"], sources.get(unique_id)
        facts = {
            "dagster/row_count": counts.get(f"{schema}.{table}"),
            "dagster/column_schema": column_schema(node, columns[schema][table]),
            "dagster/column_lineage": lineage_found,
            "where columns come from": lineage_found and readable(lineage_found),
        }
        known = {name: value for name, value in facts.items() if value is not None}
        yield output.with_metadata({**output.metadata, **known})


def _until_failure(invocation: DbtCliInvocation) -> Iterator[Any]:
    """dbt's events; its failure comes last, as a value: what was built is reported first."""
    try:
        yield from invocation.stream()
    except Exception as error:  # noqa: BLE001
        yield error


def _stop(invocation: DbtCliInvocation) -> None:
    """End a dbt that still runs: nobody listens to it any more."""
    if invocation.process.poll() is None:
        invocation.process.terminate()
        invocation.process.wait()


def _label(event: Any) -> str:
    if isinstance(event, dg.AssetCheckResult):
        return f"check {event.check_name}"
    if isinstance(event, dg.Output):
        return _unique_id(event).rsplit(".", 1)[-1]
    return ""


def _unique_id(output: dg.Output) -> str:
    return str(output.metadata["unique_id"].value)
