"""dbt for people who edit models: a file of their own, and the warehouse to read the rest from."""

import os
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings
from ingestion.sql import only_row
from orchestration.transformation.built import reading_what_is_built
from orchestration.transformation.project import (
    PROJECT_DIR,
    dbt_environment,
    dbt_executable,
    ensure_manifest,
)
from orchestration.transformation.seeds import copy_seeds

TARGET = "dev"


def development_file(settings: Settings) -> Path:
    """The DuckDB file that target ``dev`` writes, as the profile names it."""
    return settings.warehouse.with_name(f"{TARGET}.duckdb")


def run_dbt(settings: Settings, arguments: Sequence[str]) -> int:
    """Run dbt on target ``dev``; returns its exit code.

    Selected nodes are written to :func:`development_file`. What is not selected, and was not built
    there before, is read from the warehouse (``--defer``), as of the day that its marts describe.
    Raises UserError where there is no warehouse, the pipeline is writing it, or Spark builds it.
    """
    if settings.target != "duckdb":
        raise UserError("models are edited on a DuckDB warehouse only (SAAS_TRACKER_TARGET)")
    day = _as_of_date(settings)
    manifest = ensure_manifest(settings)
    environment = {
        **dbt_environment(settings, copy_seeds(settings), day),
        "SAAS_TRACKER_TARGET": TARGET,
        "SAAS_TRACKER_TEST_SEVERITY": "error",
        "DBT_PROJECT_DIR": str(PROJECT_DIR),
        "DBT_TARGET_PATH": str(settings.state_dir / "dbt" / TARGET),
        "DBT_LOG_LEVEL_FILE": "none",
        "DBT_DEFER": "true",
        "DBT_STATE": str(manifest.parent),
    }
    command = [str(dbt_executable()), *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


def _as_of_date(settings: Settings) -> date:
    with (
        reading_what_is_built(settings),
        duckdb.connect(str(settings.warehouse), read_only=True) as connection,
    ):
        (day,) = only_row(connection.execute("select max(as_of_date) from marts.companies"))
    return day or settings.as_of_date()
