"""The resource that runs dbt within Dagster."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from dagster_dbt import DbtCliResource

from ingestion.settings import Settings
from orchestration.transformation.arguments import GLOBAL_FLAGS
from orchestration.transformation.project import PROJECT_DIR, dbt_environment, dbt_executable


def dbt_resource() -> DbtCliResource:
    """dbt of this environment on this project."""
    return DbtCliResource(
        project_dir=os.fspath(PROJECT_DIR),
        profiles_dir=os.fspath(PROJECT_DIR),
        dbt_executable=os.fspath(dbt_executable()),
        global_config_flags=list(GLOBAL_FLAGS),
    )


def transformation_resources() -> dict[str, object]:
    """Resources by the names that the assets ask for."""
    return {"dbt": dbt_resource()}


@contextmanager
def dbt_variables(
    settings: Settings, seeds: Path, as_of: date, left_out: Collection[str] = ()
) -> Iterator[None]:
    """The environment that profile and project read, for the processes started within.

    Nothing is built of companies that are ``left_out``.
    """
    values = {
        **dbt_environment(settings, seeds, as_of),
        "SAAS_TRACKER_LEFT_OUT_COMPANIES": ",".join(left_out),
    }
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
