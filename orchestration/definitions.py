"""Everything that Dagster knows of: merges the integrations and applies what holds for all."""

from pathlib import Path

import dagster as dg

from ingestion.settings import Settings
from orchestration.landing.assets import landing_assets, landing_files
from orchestration.landing.checks import landing_checks
from orchestration.landing.resources import landing_resources
from orchestration.pipeline.digest import digest_job, digest_schedule
from orchestration.pipeline.housekeeping import housekeeping
from orchestration.pipeline.jobs import load_and_build_job, rebuild_job
from orchestration.pipeline.schedules import pipeline_schedules
from orchestration.pipeline.sensors import failure_sensor, landing_sensor
from orchestration.platform.links import with_web_links
from orchestration.platform.policy import with_owner, with_policy
from orchestration.platform.progress import Reporter, SilentReporter
from orchestration.platform.settings import OperationsSettings, load_operations
from orchestration.serving.assets import publication_asset
from orchestration.serving.checks import audit_checks, publication_check
from orchestration.serving.exposures import exposure_assets
from orchestration.serving.report.assets import report_asset
from orchestration.transformation.assets import transformation_assets
from orchestration.transformation.project import ensure_manifest
from orchestration.transformation.resources import transformation_resources


def build_definitions(
    settings: Settings,
    manifest: Path,
    reporter: Reporter | None = None,
    operations: OperationsSettings | None = None,
) -> dg.Definitions:
    """The definitions for these settings; ``reporter`` learns how a run in this process gets on."""
    reporter, operations = reporter or SilentReporter(), operations or load_operations()
    models = transformation_assets(settings, manifest, reporter)
    digest = digest_job(settings, operations)
    marts = sorted(key for key in models.keys if key.path[0] == "marts")
    written = [
        landing_assets(settings, manifest, reporter),
        models,
        publication_asset(settings, marts, reporter),
        report_asset(settings, reporter),
    ]
    return dg.Definitions(
        assets=[
            with_owner(landing_files(settings)),
            *with_web_links(
                [assets.map_asset_specs(with_policy) for assets in written], operations
            ),
            *exposure_assets(manifest),
        ],
        asset_checks=[
            landing_checks(settings, reporter),
            audit_checks(settings, reporter),
            publication_check(settings),
        ],
        resources={**landing_resources(), **transformation_resources()},
        jobs=[load_and_build_job(), rebuild_job(), housekeeping, digest],
        schedules=[*pipeline_schedules(), digest_schedule(digest)],
        sensors=[landing_sensor(settings), failure_sensor(operations)],
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster's own processes load."""
    settings = Settings()
    return build_definitions(settings, ensure_manifest(settings))
