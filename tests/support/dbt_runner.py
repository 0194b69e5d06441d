"""Runs the project's dbt on a warehouse of its own.

In a process of its own: DuckDB gives a file to one configuration per process, so a run inside the
test process would keep the tests from opening what it built.
"""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from ingestion.reference import signal_types

PROJECT_ROOT = Path(__file__).resolve().parents[2]
DBT_PROJECT = PROJECT_ROOT / "dbt_project"


class DbtError(AssertionError):
    """A dbt command failed; the message holds the end of what it printed."""


def build_models(*names: str, warehouse: Path, seeds: Path, work_dir: Path, as_of: date) -> None:
    """Build models and all that they read, without tests."""
    finish_dbt(
        start_dbt(
            *("build", "--exclude-resource-type", "test", "unit_test", "--select"),
            *(f"+{name}" for name in names),
            warehouse=warehouse,
            seeds=seeds,
            work_dir=work_dir,
            as_of=as_of,
        )
    )


def start_dbt(
    *arguments: str,
    warehouse: Path,
    seeds: Path,
    work_dir: Path,
    as_of: date,
    variables: dict[str, str] | None = None,
    project: Path = DBT_PROJECT,
    settings: dict[str, str] | None = None,
) -> subprocess.Popen:
    """Start a dbt command, such as ``build``; ``finish_dbt`` waits for it.

    ``settings`` are more variables of its environment.
    """
    environment = {
        **os.environ,
        "SAAS_TRACKER_WAREHOUSE": str(warehouse),
        "SAAS_TRACKER_SEEDS_PATH": str(seeds),
        "SAAS_TRACKER_SIGNAL_TYPES": ",".join(signal_types(seeds)),
        "DBT_TARGET_PATH": str(work_dir / "target"),
        "DBT_LOG_PATH": str(work_dir / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        **(settings or {}),
    }
    command = [
        sys.executable,
        "-c",
        "from dbt.cli.main import cli; cli()",
        "--no-use-colors",
        "--quiet",
        *arguments,
        "--project-dir",
        str(project),
        "--profiles-dir",
        str(project),
        "--vars",
        json.dumps({"as_of_date": as_of.isoformat(), **(variables or {})}),
    ]
    work_dir.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        command,
        env=environment,
        cwd=project,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def finish_dbt(process: subprocess.Popen) -> None:
    """Wait for a started command.

    Raises:
        DbtError: it exited with an error.
    """
    output, _ = process.communicate()
    if process.returncode:
        raise DbtError(f"dbt exited with {process.returncode}:\n{output[-6000:]}")
