"""The job that the ``run`` command, the schedules and the sensor start."""

from datetime import date

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from orchestration.landing.assets import LoadConfig
from orchestration.landing.checks import CheckConfig
from orchestration.policy import BUILD, CHECK_RAW, JOB, LOAD
from orchestration.transformation.assets import BuildConfig


def load_and_build_job() -> UnresolvedAssetJobDefinition:
    """Load what is new, check it, build, check that, publish."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description="Loads what is new in the landing zone, builds the marts and publishes them.",
        executor_def=dg.in_process_executor,
    )


def run_config(
    *, as_of: date | None = None, full_refresh: bool = False, full_scan: bool = False
) -> dg.RunConfig:
    """The run's configuration; without arguments what the hourly schedule uses."""
    day = as_of.isoformat() if as_of else ""
    return dg.RunConfig(
        ops={
            LOAD: LoadConfig(full_scan=full_scan),
            CHECK_RAW: CheckConfig(as_of_date=day, full_scan=full_scan),
            BUILD: BuildConfig(as_of_date=day, full_refresh=full_refresh),
        }
    )
