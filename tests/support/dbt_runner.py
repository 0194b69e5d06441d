"""Runs the project's dbt on a warehouse of its own.

In a process of its own: DuckDB gives a file to one configuration per process, so a run inside the
test process would keep the tests from opening what it built. The project is parsed once for all of
these processes: dbt parses again only what a test changes, as long as paths and days are the same
to it. So it works in a folder beside the warehouse, where all paths are relative.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

from ingestion.reference import signal_types
from orchestration.transformation.project import project_files

PROJECT_ROOT = Path(__file__).resolve().parents[2]
DBT_PROJECT = PROJECT_ROOT / "dbt_project"


_PARSED = PROJECT_ROOT / ".pytest_cache" / "dbt"
_PARTIAL_PARSE = "partial_parse.msgpack"


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
    settings: dict[str, str] | None = None,
) -> subprocess.Popen:
    """Start a dbt command, such as ``build``; ``finish_dbt`` waits for it.

    ``settings`` are more variables of its environment.
    """
    folder = project_beside(warehouse)
    command = [
        sys.executable,
        "-c",
        "from dbt.cli.main import cli; cli()",
        "--no-use-colors",
        "--quiet",
        *arguments,
    ]
    if variables:
        command += ["--vars", json.dumps(variables)]
    reuse_parse(work_dir)
    return subprocess.Popen(
        command,
        env={
            **dbt_environment(warehouse, seeds, work_dir, as_of),
            "SAAS_TRACKER_SIGNAL_TYPES": ",".join(signal_types(seeds)),
            **(settings or {}),
        },
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def project_beside(warehouse: Path) -> Path:
    """The folder of dbt's project beside the warehouse: a test's own, else a way to this one's."""
    folder = warehouse.parent / DBT_PROJECT.name
    if not folder.exists():
        folder.mkdir(parents=True)
        for name in ("dbt_project.yml", "profiles.yml", "macros", "models", "tests"):
            (folder / name).symlink_to(DBT_PROJECT / name)
        (folder.parent / "docs").symlink_to(PROJECT_ROOT / "docs")
    return folder


def dbt_environment(warehouse: Path, seeds: Path, work_dir: Path, as_of: date) -> dict[str, str]:
    """The environment of dbt, whose working folder is ``project_beside(warehouse)``."""
    folder = warehouse.parent / DBT_PROJECT.name
    return {
        **os.environ,
        "SAAS_TRACKER_WAREHOUSE": os.path.relpath(warehouse, folder),
        # By an absolute path, dbt would write its own SQL over them.
        "SAAS_TRACKER_SEEDS_PATH": os.path.relpath(seeds, folder),
        "SAAS_TRACKER_AS_OF_DATE": as_of.isoformat(),
        "DBT_TARGET_PATH": str(work_dir / "target"),
        "DBT_LOG_PATH": str(work_dir / "logs"),
        "DBT_LOG_LEVEL_FILE": "none",
        "DBT_PROFILES_DIR": str(folder),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def reuse_parse(work_dir: Path) -> None:
    """Begin with what dbt found when it parsed the project as it is now."""
    target = work_dir / "target"
    target.mkdir(parents=True, exist_ok=True)
    if not (target / _PARTIAL_PARSE).exists():
        shutil.copy(_parsed(), target / _PARTIAL_PARSE)


def _parsed() -> Path:
    digest = hashlib.sha256(str(PROJECT_ROOT).encode())
    for file in project_files(DBT_PROJECT):
        digest.update(f"{file}\0".encode() + file.read_bytes())
    folder = _PARSED / digest.hexdigest()[:16]
    parsed = folder / "target" / _PARTIAL_PARSE
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not parsed.exists():
            _parse(folder)
    return parsed


def _parse(folder: Path) -> None:
    warehouse, seeds = folder / "warehouse.duckdb", folder / "seeds"
    shutil.copytree(PROJECT_ROOT / "seeds", seeds, dirs_exist_ok=True)
    subprocess.run(
        [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", "parse"],
        env=dbt_environment(warehouse, seeds, folder, date(2025, 1, 1)),
        cwd=project_beside(warehouse),
        check=True,
    )


def finish_dbt(process: subprocess.Popen) -> None:
    """Wait for a started command.

    Raises:
        DbtError: it exited with an error.
    """
    output, _ = process.communicate()
    if process.returncode:
        raise DbtError(f"dbt exited with {process.returncode}:\n{output[-6000:]}")
