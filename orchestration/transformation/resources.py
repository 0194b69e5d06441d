"""The resource that runs dbt within Dagster."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

from dagster_dbt import DbtCliResource
from packaging.version import Version

from ingestion.settings import Settings
from orchestration.transformation.arguments import GLOBAL_FLAGS
from orchestration.transformation.project import PROJECT_DIR, dbt_environment, dbt_executable


class WarehouseDbt(DbtCliResource):
    """dbt without the seconds that every call spends beside the build.

    The parent starts ``dbt --version`` to learn what is installed here anyway, and loads a second
    adapter for row counts, which the warehouse answers by itself (``platform/warehouse.py``).
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(installed_version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Any) -> Any:
        return None


def dbt_resource() -> WarehouseDbt:
    """dbt of this environment on this project."""
    return WarehouseDbt(
        project_dir=PROJECT_DIR,
        profiles_dir=PROJECT_DIR,
        dbt_executable=dbt_executable(),
        global_config_flags=list(GLOBAL_FLAGS),
    )


def transformation_resources() -> dict[str, object]:
    """Resources by the names that the assets ask for."""
    return {"dbt": dbt_resource()}


@contextmanager
def dbt_variables(settings: Settings, seeds: Path, as_of: date) -> Iterator[None]:
    """The environment that profile and project read, for the processes started within."""
    values = dbt_environment(settings, seeds, as_of)
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
