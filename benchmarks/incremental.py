"""What a continued build costs beside one from scratch: a new day's file, a late file, nothing.

Run ``make bench``, or ``python -m benchmarks.incremental --events 1000000``. Every build is a
process of its own. A build of nothing new is what dbt takes to start, parse the new day's variables
and look at every model: it is the fixed part, and taken off the others for the ratios.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from ingestion.settings import Settings
from orchestration.transformation.arguments import GLOBAL_FLAGS, build_arguments
from orchestration.transformation.project import PROJECT_DIR, dbt_environment, dbt_executable

_AS_OF = date(2026, 3, 20)
_LATE_DAYS = 90

# Copies of one day's events, on another day: as many as asked for, or all.
_COPY_DAY = """
    insert into raw.events by name
    select * replace (
        event_id || $load as event_id,
        md5(content_hash || $load) as content_hash,
        session_id || $load as session_id,
        ts_epoch + $days * 86400 as ts_epoch,
        received_at + to_days($days::integer) as received_at,
        $load as _dlt_load_id
    )
    from raw.events
    where ts_epoch >= epoch($day::timestamp) and ts_epoch < epoch($day::timestamp) + 86400
    limit $most"""


@dataclass(frozen=True)
class Cost:
    """Seconds of one build on the clock and on the processors."""

    name: str
    events: int
    seconds: float
    cpu_seconds: float


def main(
    events: Annotated[int, typer.Option(help="How many events.")] = 1_000_000,
    organizations: Annotated[int, typer.Option(help="How many organizations.")] = 2_000,
    days: Annotated[int, typer.Option(help="How many days of events.")] = 180,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure continued builds against a build from scratch."""
    with tempfile.TemporaryDirectory() as name:
        costs = list(_measure(Path(name), events, organizations, days))
    fixed = next(cost for cost in costs if cost.name == "nothing new")
    full = costs[0].cpu_seconds - fixed.cpu_seconds
    report = [
        {**vars(cost), "ratio": round((cost.cpu_seconds - fixed.cpu_seconds) / full, 3)}
        for cost in costs
    ]
    typer.echo(json.dumps(report)) if as_json else _print(report)


def _measure(folder: Path, events: int, organizations: int, days: int) -> Iterator[Cost]:
    warehouse = folder / "warehouse" / "bench.duckdb"
    _generate_and_load(folder, warehouse, events, organizations, days)
    last_day = _AS_OF - timedelta(days=1)
    yield _build(folder, warehouse, "from scratch", events, last_day)
    added = _add(warehouse, "new", last_day, days=1, most=events // 100)
    yield _build(folder, warehouse, "a new day", added, _AS_OF)
    late = _AS_OF - timedelta(days=_LATE_DAYS)
    added = _add(warehouse, "late", late, days=0, most=1_000)
    yield _build(folder, warehouse, f"a file {_LATE_DAYS} days late", added, _AS_OF)
    yield _build(folder, warehouse, "nothing new", 0, _AS_OF)


def _generate_and_load(
    folder: Path, warehouse: Path, events: int, organizations: int, days: int
) -> None:
    landing = folder / "landing"
    sizes = ["--events", events, "--organizations", organizations, "--days", days]
    command = [dbt_executable().with_name("saas-tracker"), "demo", "generate", "--landing", landing]
    environment = {
        **os.environ,
        "SAAS_TRACKER_NOW": f"{_AS_OF}T00:00:00",
        "SAAS_TRACKER_LANDING": str(landing),
        "SAAS_TRACKER_WAREHOUSE": str(warehouse),
    }
    _run([*command, *sizes], environment)
    load = "from ingestion.pipeline import load_landing\nfrom ingestion.settings import Settings\n"
    _run([sys.executable, "-c", f"{load}load_landing(Settings())"], environment)


def _add(warehouse: Path, load: str, day: date, *, days: int, most: int) -> int:
    with duckdb.connect(str(warehouse)) as connection:
        values = {"load": f"9000000000.{load}", "day": day, "days": days, "most": most}
        return connection.execute(_COPY_DAY, values).fetchone()[0]


def _build(folder: Path, warehouse: Path, name: str, events: int, as_of: date) -> Cost:
    seeds = folder / "seeds"
    shutil.copytree(PROJECT_DIR.parent / "seeds", seeds, dirs_exist_ok=True)
    target = str(folder / "target")
    environment = {
        **os.environ,
        **dbt_environment(Settings(warehouse=warehouse), seeds, as_of),
        "DBT_TARGET_PATH": target,
        "DBT_LOG_PATH": target,
    }
    before, started = os.times(), time.perf_counter()
    arguments = [*GLOBAL_FLAGS, "--quiet", *build_arguments()]
    _run([str(dbt_executable()), *arguments], environment)
    seconds, after = time.perf_counter() - started, os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])
    return Cost(name, events, round(seconds, 1), round(cpu, 1))


def _run(command: list[object], environment: dict[str, str]) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=PROJECT_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command[:4]} failed:\n{(done.stdout + done.stderr)[-3000:]}")


def _print(report: list[dict[str, object]]) -> None:
    table = Table(title="Builds of the transformations, with their tests")
    for heading in ("Build", "Events", "Seconds", "CPU seconds", "Of a build from scratch"):
        table.add_column(heading, justify="left" if heading == "Build" else "right")
    for row in report:
        cells = (row["name"], f"{row['events']:,}", row["seconds"], row["cpu_seconds"])
        table.add_row(*(str(cell) for cell in cells), f"{row['ratio']:.3f}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
