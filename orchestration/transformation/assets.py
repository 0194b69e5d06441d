"""Reference data and models: one dbt build, its tests as checks."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliInvocation, dbt_assets

from ingestion import reference
from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.lock import writer_lock
from orchestration.memory import RunMemory
from orchestration.policy import BUILD, POOL
from orchestration.progress import Reporter
from orchestration.published import (
    begin_build,
    build_inputs,
    finish_build,
    has_other_models,
    is_published,
    remember_warehouse,
)
from orchestration.transformation.arguments import build_arguments
from orchestration.transformation.project import build_folder
from orchestration.transformation.resources import WarehouseDbt, dbt_variables
from orchestration.transformation.translator import WarehouseTranslator
from orchestration.warehouse import row_counts

_SCHEMAS = ("seeds", "staging", "intermediate", "marts")


class BuildConfig(dg.Config):
    """``as_of_date`` (YYYY-MM-DD) is today in UTC where empty."""

    as_of_date: str = ""
    full_refresh: bool = False

    def day(self, settings: Settings) -> date:
        """The day that the marts will describe."""
        if not self.as_of_date:
            return settings.as_of_date()
        try:
            return date.fromisoformat(self.as_of_date)
        except ValueError as error:
            raise UserError(f"as_of_date is not a day (YYYY-MM-DD): {self.as_of_date}") from error


def transformation_assets(
    settings: Settings, manifest: Path, reporter: Reporter
) -> dg.AssetsDefinition:
    """One op for the whole project: splitting it would break the order of tests and models."""

    @dbt_assets(
        manifest=manifest, dagster_dbt_translator=WarehouseTranslator(), name=BUILD, pool=POOL
    )
    def build_models(
        context: dg.AssetExecutionContext, dbt: WarehouseDbt, config: BuildConfig
    ) -> Iterator[Any]:
        as_of, memory = config.day(settings), RunMemory(settings)
        seeds = reference.resolve_seeds(settings)
        with writer_lock(settings.warehouse, f"run {context.run.run_id}", context.log.info):
            inputs = None if context.is_subset else build_inputs(settings, seeds, as_of)
            if inputs and not config.full_refresh and is_published(settings, memory, inputs):
                context.log.info(f"nothing new: the published marts are those of {as_of}")
                remember_warehouse(settings, memory)
                return
            if context.selected_asset_keys:  # checks alone leave the marts as they are
                begin_build(memory)
            full_refresh = config.full_refresh
            if inputs and has_other_models(memory, inputs):
                context.log.info("the dbt project has changed: everything is built anew")
                full_refresh = True
            reporter.stage("Build", _steps(context))
            with dbt_variables(settings, seeds):
                invocation = dbt.cli(
                    build_arguments(as_of, full_refresh=full_refresh),
                    context=context,
                    target_path=build_folder(settings),
                )
            yield from _results(settings, invocation, reporter)
            finish_build(memory, inputs)

    return build_models


def _steps(context: dg.AssetExecutionContext) -> int:
    return len(context.selected_asset_keys) + len(context.selected_asset_check_keys)


def _results(settings: Settings, invocation: DbtCliInvocation, reporter: Reporter) -> Iterator[Any]:
    """Check results as they come; tables at the end, with their rows.

    The rows are counted when dbt is done: until then its process has the warehouse for itself.
    """
    tables: list[dg.Output] = []
    failure = None
    try:
        for event in _until_failure(invocation):
            if isinstance(event, Exception):
                failure = event
                break
            reporter.advance(_label(event))
            if isinstance(event, dg.Output):
                tables.append(event)
            else:
                yield event
    finally:
        _stop(invocation)
    counts = row_counts(settings, *_SCHEMAS)
    for output in tables:
        node = invocation.manifest["nodes"][output.metadata["unique_id"].value]
        rows = counts.get(f"{node['schema']}.{node['alias']}")
        yield (
            output
            if rows is None
            else output.with_metadata({**output.metadata, "dagster/row_count": rows})
        )
    if failure is not None:
        raise failure


def _until_failure(invocation: DbtCliInvocation) -> Iterator[Any]:
    """dbt's events; its failure comes last, as a value: what was built before it is told too."""
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
        return event.metadata["unique_id"].value.rsplit(".", 1)[-1]
    return ""
