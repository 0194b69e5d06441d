"""The dbt project on disk, and its manifest: parsed once per state of the project."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from ingestion.errors import UserError
from ingestion.reference import signal_types
from ingestion.settings import PROJECT_ROOT, Settings
from orchestration.transformation.arguments import parse_arguments
from orchestration.transformation.seeds import copy_seeds

PROJECT_DIR = PROJECT_ROOT / "dbt_project"
_SOURCE_SUFFIXES = {".sql", ".yml", ".yaml", ".md", ".csv"}
_PARTIAL_PARSE = "partial_parse.msgpack"
_STAMP = "parsed"
_LAST_LINES = 15


def dbt_executable() -> Path:
    """dbt of the environment that runs this, whatever the PATH says."""
    return Path(sys.executable).with_name("dbt")


def project_files(project_dir: Path) -> list[Path]:
    """The files that dbt reads, sorted; what dbt writes into the project folder is left out."""
    folders = ("models", "macros", "tests", "analyses", "snapshots")
    files = [file for file in project_dir.glob("*.yml") if file.name != ".user.yml"]
    files += [file for file in (project_dir.parent / "docs").glob("*.md") if _has_words(file)]
    for folder in folders:
        files += [
            file for file in (project_dir / folder).rglob("*") if file.suffix in _SOURCE_SUFFIXES
        ]
    return sorted(files)


def _has_words(page: Path) -> bool:
    """Whether descriptions of models take words from a page; the others may change as they like."""
    return "{% docs" in page.read_text("utf-8")


def parse_folder(settings: Settings) -> Path:
    """Where the manifest that Dagster reads lies. A build must not change it: it has its own."""
    return settings.state_dir / "dbt" / "parse"


def build_folder(settings: Settings) -> Path:
    """Where a build leaves its artifacts: fixed, so that the next one parses only what changed."""
    return settings.state_dir / "dbt" / "build"


def dbt_environment(settings: Settings, seeds: Path, as_of: date | None = None) -> dict[str, str]:
    """What profile and project ask the environment for; ``as_of`` is the day to build for."""
    day = {"SAAS_TRACKER_AS_OF_DATE": as_of.isoformat()} if as_of else {}
    return {
        **day,
        "SAAS_TRACKER_WAREHOUSE": str(settings.warehouse),
        "SAAS_TRACKER_TARGET": settings.target,
        "SAAS_TRACKER_SPARK_HOST": settings.spark_host,
        "SAAS_TRACKER_SPARK_PORT": str(settings.spark_port),
        "SAAS_TRACKER_SPARK_USER": settings.spark_user,
        "SAAS_TRACKER_SPARK_THREADS": str(settings.spark_threads),
        "SAAS_TRACKER_LAKE_FORMAT": settings.lake_format,
        "SAAS_TRACKER_BUILD_MEMORY": settings.build_memory,
        "SAAS_TRACKER_TEST_SEVERITY": "warn",  # orchestration.transformation.failed_tests judges
        "SAAS_TRACKER_HISTORY_YEARS": str(settings.history_years),
        # dbt takes seed paths relative to the project only
        "SAAS_TRACKER_SEEDS_PATH": os.path.relpath(seeds, PROJECT_DIR),
        "SAAS_TRACKER_SIGNAL_TYPES": ",".join(signal_types(seeds)),
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def ensure_manifest(settings: Settings) -> Path:
    """The manifest of the project as it is now; parsed if the last one is of another state.

    Raises UserError with dbt's own words where the project does not parse, and where there is no
    such target.
    """
    if problem := settings.target_problem:
        raise UserError(f"{problem}: set it to duckdb or spark")
    if settings.target == "spark" and find_spec("pyhive") is None:
        raise UserError("SAAS_TRACKER_TARGET is spark: `make setup-spark` installs what it needs")
    folder = parse_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    seeds = copy_seeds(settings)
    manifest = folder / "manifest.json"
    stamp = folder / _STAMP
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Dagster's processes start together
        state = _state(settings, seeds)
        if manifest.exists() and stamp.exists() and stamp.read_text() == state:
            return manifest
        _parse(settings, seeds)
        stamp.write_text(state)
    build_folder(settings).mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / _PARTIAL_PARSE, build_folder(settings) / _PARTIAL_PARSE)
    return manifest


def parsed_state(settings: Settings) -> str:
    """A value that changes with the project: that of the manifest in use."""
    return (parse_folder(settings) / _STAMP).read_text()


def _state(settings: Settings, seeds: Path) -> str:
    types = ",".join(signal_types(seeds))
    digest = hashlib.sha256(f"{PROJECT_DIR} {seeds} {settings.target} {types}".encode())
    for file in project_files(PROJECT_DIR):
        stat = file.stat()
        digest.update(f"{file}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    for file in sorted(seeds.glob("*.csv")):
        digest.update(f"{file.name}\n".encode())
    return digest.hexdigest()


def _parse(settings: Settings, seeds: Path) -> None:
    folder = parse_folder(settings)
    done = subprocess.run(
        [str(dbt_executable()), *parse_arguments()],
        cwd=PROJECT_DIR,
        env={
            **os.environ,
            **dbt_environment(settings, seeds),
            "DBT_TARGET_PATH": str(folder),
            "DBT_LOG_PATH": str(folder),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_LAST_LINES:])
        raise UserError(f"the dbt project does not parse:\n{words}")
