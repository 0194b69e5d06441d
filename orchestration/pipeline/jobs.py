"""The jobs: the one that the ``run`` command, the schedules and the sensor start, and a rebuild."""

from datetime import date
from typing import Any

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from pydantic import Field

from ingestion.raw.tables import SCHEMA
from orchestration.landing.assets import LoadConfig
from orchestration.landing.checks import CheckConfig
from orchestration.platform.policy import BUILD, CHECK_RAW, JOB, LOAD, REBUILD_JOB
from orchestration.transformation.assets import BuildConfig

_UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


class RebuildConfig(dg.Config):
    """What to compute again from ``raw``, and for which day. Leave everything out for a refresh."""

    company_id: str = Field("", description="Only this company's figures; all where empty.")
    from_date: str = Field(
        "",
        description="Figures from this day (YYYY-MM-DD) up to the as-of date; all days where"
        " empty. There is no end: sessions and rolling windows carry a day into those after it.",
    )
    full_refresh: bool = Field(
        False, description="Drop every table after raw and build it from nothing."
    )
    as_of_date: str = Field("", description="The day that the marts describe; today where empty.")


def load_and_build_job() -> UnresolvedAssetJobDefinition:
    """Load what is new, check it, build, check that, publish."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description="Loads what is new in the landing zone, builds the marts and publishes them.",
        executor_def=dg.in_process_executor,
    )


def rebuild_job() -> UnresolvedAssetJobDefinition:
    """Build and publish again what is in ``raw``: for one company, from a day on, or everything."""
    return dg.define_asset_job(
        REBUILD_JOB,
        selection=dg.AssetSelection.all() - dg.AssetSelection.key_prefixes([SCHEMA]),
        description=(
            "Computes figures again from what is loaded, after a rule or a model was changed, and"
            " publishes them. The launchpad takes company_id, from_date and full_refresh."
        ),
        config=dg.ConfigMapping(
            config_fn=rebuild_run_config, config_schema=RebuildConfig.to_config_schema()
        ),
        executor_def=dg.in_process_executor,
    )


def rebuild_run_config(values: dict[str, Any]) -> dict[str, object]:
    """The configuration of the build for what was filled in.

    The build validates it: from here, the launchpad would show a stack trace.
    """
    wanted = RebuildConfig(**values)
    build = BuildConfig(
        as_of_date=wanted.as_of_date,
        full_refresh=wanted.full_refresh,
        rebuild_company=wanted.company_id,
        rebuild_from=wanted.from_date,
    )
    return dg.RunConfig(ops={BUILD: build}).to_config_dict()


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


def is_under_way(instance: dg.DagsterInstance) -> bool:
    """Whether any run waits or works, also one that a person started from the graph.

    It takes whatever is new by then, or leaves it for the next tick.
    """
    filters = dg.RunsFilter(statuses=_UNFINISHED)
    return bool(instance.get_run_records(filters, limit=1))
