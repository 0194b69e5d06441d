"""What ``doctor`` finds in what runs have left: warehouse, locks, room, gates, copies, instance."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from ingestion.errors import UserError
from ingestion.settings import Settings
from ingestion.sql import only_row
from orchestration.cli.findings import Finding, Status
from orchestration.cli.output import error_line
from orchestration.platform.instance import dagster_home
from orchestration.platform.lock import holders

_LEAST_FREE_BYTES = 1_000_000_000


def _warehouse(settings: Settings) -> Iterator[Finding]:
    import duckdb

    if not settings.warehouse.exists():
        yield Finding("warehouse file", "warning", "not there yet", "saas-tracker run")
        return
    try:
        with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
            schemas = connection.execute(
                "select schema_name, count(*) from duckdb_tables() group by 1 order by 1"
            ).fetchall()
            has_loads = dict(schemas).get("raw", 0) > 0
            last = (
                only_row(connection.execute("select max(loaded_at) from raw.loaded_files"))[0]
                if has_loads
                else None
            )
    except duckdb.IOException as error:
        if "Conflicting lock" not in str(error):
            yield Finding(
                "warehouse file",
                "error",
                error_line(str(error)),
                "move the file away and run again: raw is loaded again from the landing zone",
            )
        elif holders(settings.warehouse):
            yield Finding("warehouse file", "ok", "being written")
        else:
            yield Finding(
                "warehouse file",
                "warning",
                error_line(str(error)),
                "close the program that has it open: it keeps runs waiting",
            )
        return
    tables = ", ".join(f"{count} in {name}" for name, count in schemas) or "none"
    size = settings.warehouse.stat().st_size / 1e6
    yield Finding("warehouse file", "ok", f"{size:,.1f} MB; tables: {tables}; last load: {last}")


def _locks(settings: Settings) -> Iterator[Finding]:
    held = holders(settings.warehouse)
    yield Finding("lock", "ok", f"held by {'; '.join(held)}" if held else "free")


def _serving(settings: Settings) -> Iterator[Finding]:
    published = settings.serving / "all.duckdb"
    if published.exists():
        yield Finding("published copies", "ok", f"{len(list(settings.serving.glob('*.duckdb')))}")
    else:
        yield Finding("published copies", "warning", "none yet", "saas-tracker run")


def _disk(settings: Settings) -> Iterator[Finding]:
    """A run rewrites the marts and builds every copy beside the old one."""
    folder = _first_existing(settings.warehouse.parent)
    size = settings.warehouse.stat().st_size if settings.warehouse.exists() else 0
    needed = max(_LEAST_FREE_BYTES, 2 * size)
    free = shutil.disk_usage(folder).free
    message = f"{free / 1e9:,.1f} GB free at {folder}, a run may take {needed / 1e9:,.1f} GB"
    if free < needed:
        yield Finding("disk space", "error", message, "make room, or move SAAS_TRACKER_WAREHOUSE")
    else:
        yield Finding("disk space", "ok", message)
    for name, path in (("warehouse", folder), ("serving", _first_existing(settings.serving))):
        if not os.access(path, os.W_OK):
            yield Finding(
                "disk space", "error", f"{path} cannot be written", f"chmod it, or move the {name}"
            )


def _first_existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _gates(settings: Settings) -> Iterator[Finding]:
    from ingestion.thresholds import read_thresholds
    from orchestration.quality.gates import remembered
    from orchestration.quality.suites import data_docs
    from orchestration.state.run_memory import RunMemory

    try:
        limits = read_thresholds()
    except UserError as error:
        message = error_line(str(error))
        yield Finding("quality gates", "error", message, ".env.example says what it may be")
        return
    site = data_docs(settings) / "index.html"
    where = f"; results: {site}" if site.exists() else ""
    blocking = ", ".join(sorted(limits.blocks)) or "none"
    yield Finding("quality gates", "ok", f"blocking: {blocking}{where}")
    for name, verdict in remembered(RunMemory(settings)).items():
        if not verdict.passed:
            status: Status = "error" if verdict.errors else "warning"
            yield Finding("quality gates", status, f"{name}: {verdict.text()}", "docs/quality.md")


def _held_back(settings: Settings) -> Iterator[Finding]:
    from ingestion.reference import load_registry
    from orchestration.state.held_back import held_back
    from orchestration.state.run_memory import RunMemory

    try:
        registered = load_registry(settings).companies
    except UserError:
        return  # the look at the registry says so
    for company_id, causes in held_back(RunMemory(settings), registered).items():
        what = f"{company_id} is held back and keeps its last good copy: {'; '.join(causes[:3])}"
        yield Finding("companies", "error", what, "docs/quality.md, then `saas-tracker run`")


def _instance(_: Settings) -> Iterator[Finding]:
    """Without the limit on the pool, two Dagster runs would write the warehouse together."""
    import yaml

    configuration = dagster_home() / "dagster.yaml"
    if not configuration.exists():
        yield Finding("Dagster pool", "ok", "the first run writes its dagster.yaml")
        return
    try:
        read = yaml.safe_load(configuration.read_text("utf-8"))
        limit = read["concurrency"]["pools"]["default_limit"]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        said = error_line(str(error))
        yield Finding("Dagster pool", "error", f"{configuration} is no YAML: {said}", "correct it")
        return
    except (KeyError, TypeError):
        limit = None
    if limit == 1:
        yield Finding("Dagster pool", "ok", "one writer at a time")
    else:
        yield Finding(
            "Dagster pool",
            "error",
            f"{configuration} lets {limit or 'any number of'} writers in at once",
            "set concurrency.pools.default_limit to 1, or remove the file: a run makes a new one",
        )


STATE: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _warehouse,
    _locks,
    _disk,
    _gates,
    _held_back,
    _serving,
    _instance,
)
