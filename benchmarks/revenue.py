"""Building every revenue table against one plain DuckDB query for the movements alone.

Run ``make bench``, or ``python -m benchmarks.revenue --subscriptions 100000 --months 84 --runs 3``.
The query (``revenue_plain.sql``) makes the organization-month spine with its movements. Both are
measured in turn, each in a process of its own, on a copy of one warehouse. What dbt takes for a
model however little it holds is measured on a warehouse without subscriptions, and stated apart.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from string import Template
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from ingestion.raw.tables import RAW_TABLES, SCHEMA
from ingestion.settings import Settings
from ingestion.sql import only_row
from orchestration.transformation.arguments import GLOBAL_FLAGS
from orchestration.transformation.project import PROJECT_DIR, dbt_environment, dbt_executable

AS_OF = date(2026, 3, 20)
_HERE = Path(__file__).parent
_REVENUE_MODELS = "models/{layer}/revenue/"
_LAYERS = ("staging", "intermediate", "marts")

_PLAIN = """
import sys, time
import duckdb
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute("set enable_progress_bar = false")
    start = time.perf_counter()
    connection.execute(sys.argv[2])
    print(time.perf_counter() - start)
"""

_DIFFERENCES = """
    select count(*)
    from plain_movements as plain
    full outer join marts.mrr_movements as built using (external_org_id, month, movement)
    where plain.amount is distinct from built.amount"""


def main(
    subscriptions: Annotated[int, typer.Option(help="How many subscriptions.")] = 100_000,
    months: Annotated[int, typer.Option(help="How many months of history.")] = 84,
    runs: Annotated[int, typer.Option(help="How often each is measured.")] = 3,
    models: Annotated[bool, typer.Option("--models", help="Show the seconds by model.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure the build of the revenue tables against one plain query."""
    plain, built = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty = _build(history(folder / "empty", 0, 0, months))
        prepared = history(folder / "prepared", subscriptions, subscriptions // 4, months)
        _build(prepared, "seed")
        for run in range(runs):
            warehouse = folder / f"run-{run}" / "bench.duckdb"
            warehouse.parent.mkdir()
            shutil.copy(prepared, warehouse)
            plain.append(_plain(warehouse))
            built.append(_build(warehouse))
            _compare(warehouse)
            shutil.rmtree(warehouse.parent)
    report = _report(subscriptions, months, plain, built, empty)
    typer.echo(json.dumps(report)) if as_json else _print(report, models)


def history(
    folder: Path, subscriptions: int, organizations: int, months: int, event_days: int = 1
) -> Path:
    """A warehouse as ingestion leaves it, with a history drawn by ``revenue_history.sql``."""
    folder.mkdir()
    warehouse = folder / "bench.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"create schema {SCHEMA}")
        for table in RAW_TABLES:
            columns = ", ".join(f'"{name}" {kind}' for name, kind in table.duckdb_columns().items())
            connection.execute(f"create table {SCHEMA}.{table.name} ({columns})")
        connection.execute(f"create table {SCHEMA}._dlt_loads (load_id varchar, status bigint)")
        connection.execute(
            _sql(
                "revenue_history.sql",
                subscriptions=subscriptions,
                organizations=organizations,
                months=months,
                event_days=event_days,
                as_of=AS_OF,
            )
        )
    return warehouse


def _sql(file: str, **values: object) -> str:
    return Template((_HERE / file).read_text(encoding="utf-8")).substitute(values)


def _plain(warehouse: Path) -> float:
    query = _sql("revenue_plain.sql", as_of=AS_OF)
    command = [sys.executable, "-c", _PLAIN, str(warehouse), query]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _build(warehouse: Path, command: str = "run") -> dict[str, float]:
    """Run dbt; return the seconds by revenue model, as dbt says them, and of the whole process."""
    target = warehouse.parent / "target"
    settings = Settings(warehouse=warehouse)
    steps = [["seed"], [command]] if command == "run" else [[command]]
    for step in steps:
        done = subprocess.run(
            [str(dbt_executable()), *GLOBAL_FLAGS, "--quiet", *step],
            cwd=PROJECT_DIR,
            env={
                **os.environ,
                **dbt_environment(settings, seeds_copy(warehouse.parent), AS_OF),
                "DBT_TARGET_PATH": str(target),
                "DBT_LOG_PATH": str(target),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"dbt {step[0]} failed:\n{done.stdout[-3000:]}")
    return _model_seconds(target)


def seeds_copy(folder: Path) -> Path:
    """A copy: dbt writes its artifacts over seeds that lie outside its project."""
    seeds = folder / "seeds"
    shutil.copytree(PROJECT_DIR.parent / "seeds", seeds, dirs_exist_ok=True)
    return seeds


def _model_seconds(target: Path) -> dict[str, float]:
    results = json.loads((target / "run_results.json").read_text())["results"]
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    folders = tuple(_REVENUE_MODELS.format(layer=layer) for layer in _LAYERS)
    return {
        nodes[result["unique_id"]]["name"]: result["execution_time"]
        for result in results
        if nodes[result["unique_id"]]["original_file_path"].startswith(folders)
    }


def _compare(warehouse: Path) -> None:
    """The two must have made the same movements: a faster answer to another question is none."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        (differing,) = only_row(connection.execute(_DIFFERENCES))
    if differing:
        raise SystemExit(f"{differing:,} movements differ between the plain query and the mart")


def _report(
    subscriptions: int,
    months: int,
    plain: list[float],
    built: list[dict[str, float]],
    empty: dict[str, float],
) -> dict:
    overhead = sum(empty.values())
    totals = [sum(seconds.values()) for seconds in built]
    return {
        "subscriptions": subscriptions,
        "months": months,
        "runs": len(plain),
        "plain_seconds": statistics.median(plain),
        "models_seconds": statistics.median(totals),
        "overhead_seconds": overhead,
        "models": {name: statistics.median(run[name] for run in built) for name in built[0]},
        "overhead": empty,
        "ratio_with_overhead": statistics.median(
            total / query for total, query in zip(totals, plain, strict=True)
        ),
        "ratio": statistics.median(
            (total - overhead) / query for total, query in zip(totals, plain, strict=True)
        ),
    }


def _print(report: dict, models: bool) -> None:
    title = f"{report['subscriptions']:,} subscriptions, {report['months']} months"
    table = Table(title=f"{title}, median of {report['runs']} runs")
    for heading in ("", "seconds"):
        table.add_column(heading, justify="right" if heading else "left")
    table.add_row("one plain query: spine and movements", f"{report['plain_seconds']:.2f}")
    table.add_row(f"{len(report['models'])} revenue models", f"{report['models_seconds']:.2f}")
    table.add_row("the same models without rows", f"{report['overhead_seconds']:.2f}")
    if models:
        for name, seconds in sorted(report["models"].items(), key=lambda item: -item[1]):
            table.add_row(f"  {name}", f"{seconds:.2f}")
    console = Console()
    console.print(table)
    console.print(
        f"Ratio: {report['ratio']:.2f} without what dbt takes for models without rows,"
        f" {report['ratio_with_overhead']:.2f} with it"
    )


if __name__ == "__main__":
    typer.run(main)
