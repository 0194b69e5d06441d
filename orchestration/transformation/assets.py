"""Reference data and models: one dbt build, its tests as checks."""

import json
from collections.abc import Collection, Iterator
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
from orchestration.platform.warehouse import reads_calls
from orchestration.state.build_stages import (
    begin_build,
    finish_build,
    has_other_models,
    is_published,
    remember_warehouse,
)
from orchestration.state.held_back import to_build_again
from orchestration.state.run_memory import RunMemory
from orchestration.transformation.arguments import Rebuild, build_arguments
from orchestration.transformation.build_results import build
from orchestration.transformation.engine import engine_of
from orchestration.transformation.inputs import build_inputs
from orchestration.transformation.project import build_folder
from orchestration.transformation.removed import drop_removed
from orchestration.transformation.resources import dbt_variables
from orchestration.transformation.seeds import copy_seeds
from orchestration.transformation.translator import WarehouseTranslator


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
                context.log.info(f"nothing new: the published marts are as of {as_of}")
                remember_warehouse(settings, memory)
                return
            if rebuild and rebuild.company_id:
                context.instance.add_run_tags(context.run_id, {COMPANY_TAG: rebuild.company_id})
            if context.selected_asset_keys:  # checks alone leave the marts as they are
                begin_build(memory)
            full_refresh = config.full_refresh
            if engine_of(settings).prepare():
                context.log.info("nothing that was built on this engine can be continued")
                full_refresh = True
            if inputs and has_other_models(memory, inputs):
                context.log.info("the dbt project has changed: everything is built from raw")
                full_refresh = True
            if inputs and not asked_for and (again := to_build_again(memory)):
                context.log.info(f"built from the start for what failed last: {', '.join(again)}")
                rebuild = Rebuild(again[0]) if len(again) == 1 else None
                full_refresh = full_refresh or len(again) > 1

            def start(left_out: Collection[str]) -> DbtCliInvocation:
                with dbt_variables(settings, seeds, as_of, left_out):
                    return dbt.cli(
                        build_arguments(
                            full_refresh=full_refresh, rebuild=rebuild, calls=reads_calls(settings)
                        ),
                        context=context,
                        target_path=build_folder(settings),
                    )

            yield from build(context, settings, start, reporter)
            if inputs:
                drop_removed(settings, memory, json.loads(manifest.read_text()))
            finish_build(memory, inputs)

    return build_models
