"""Schema ``raw``: what dlt loads from the landing zone."""

from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import dagster as dg
from dagster_dlt import DagsterDltResource, build_dlt_asset_specs

from ingestion.landing.listing import landing_digest
from ingestion.loading import pipeline
from ingestion.raw.tables import SCHEMA
from ingestion.settings import Settings
from orchestration.landing.figures import import_warnings, load_figures, refusals
from orchestration.landing.translator import LANDING_FILES, LandingTranslator, described_columns
from orchestration.platform.lock import writer_lock
from orchestration.platform.policy import LOAD, POOL
from orchestration.platform.progress import Reporter
from orchestration.platform.retries import retried
from orchestration.platform.warehouse import last_load, row_counts
from orchestration.state.build_stages import forget_if_warehouse_changed, remember_listing
from orchestration.state.run_memory import RunMemory


class LoadReporter:
    """Tells a run's reporter how the load gets on, in kilobytes as stored."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._lock = Lock()
        self._stored_bytes = 0

    def started(self, files: int, stored_bytes: int) -> None:
        """The size of the stage is known now."""
        if files:
            self._reporter.stage(f"Load {files:,} files (kB)", stored_bytes // 1000)

    def advanced(self, stored_bytes: int) -> None:
        """More bytes are read; what is left of a kilobyte waits for the next ones."""
        with self._lock:
            before = self._stored_bytes // 1000
            self._stored_bytes += stored_bytes
            if kilobytes := self._stored_bytes // 1000 - before:
                self._reporter.advance(amount=kilobytes)


class LoadConfig(dg.Config):
    """``full_scan`` reads every file again instead of trusting size and modification time."""

    full_scan: bool = False


def landing_files(settings: Settings) -> dg.AssetSpec:
    """The landing zone: others write it, the sensor watches it."""
    return dg.AssetSpec(
        LANDING_FILES,
        group_name=SCHEMA,
        description="Event dumps and import files as they were dropped. Never changed from here.",
        kinds={"file"},
        metadata={"landing zone": settings.landing},
    )


def landing_assets(settings: Settings, manifest: Path, reporter: Reporter) -> dg.AssetsDefinition:
    """One asset per table of schema ``raw``, all written by one dlt pipeline.

    This is ``dlt_assets`` but for one thing: the tables are loaded together or not at all, because
    the files and rows of a load are accounted for across them.
    """

    @dg.multi_asset(
        specs=build_dlt_asset_specs(
            pipeline.build_source(settings),
            pipeline.build_pipeline(settings),
            LandingTranslator(described_columns(manifest)),
        ),
        name=LOAD,
        group_name=SCHEMA,
        can_subset=False,
        pool=POOL,
    )
    def load_landing(
        context: dg.AssetExecutionContext, dlt: DagsterDltResource, config: LoadConfig
    ) -> Iterator[dg.MaterializeResult]:
        with (
            retried(context),
            writer_lock(settings.warehouse, f"run {context.run.run_id}", context.log.info),
        ):
            reporter.stage("Look for new files")
            before = last_load(settings)
            memory, listing = RunMemory(settings), landing_digest(settings)
            forget_if_warehouse_changed(settings, memory)
            pipeline.prepare(settings)
            source = pipeline.build_source(
                settings, full_scan=config.full_scan, reporter=LoadReporter(reporter)
            )
            results = list(
                dlt.run(context, dlt_source=source, dlt_pipeline=pipeline.build_pipeline(settings))
            )
            pipeline.finish(settings)
            remember_listing(memory, listing)
            counts, figures = row_counts(settings, SCHEMA), load_figures(settings, before)
            for said in [*refusals(settings, before), *import_warnings(settings, before)]:
                context.log.warning(said)
        for result in results:
            table = result.asset_key.path[-1] if result.asset_key else ""
            rows = counts.get(f"{SCHEMA}.{table}", 0)
            facts = {**figures.get(table, {}), "dagster/row_count": rows}
            # In place of what dagster-dlt tells: file paths, and columns without their words.
            yield dg.MaterializeResult(asset_key=result.asset_key, metadata=facts)

    return load_landing
