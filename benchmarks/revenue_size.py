"""The whole build for a company with many subscriptions and little usage, at two sizes.

Run ``make bench``, or ``python -m benchmarks.revenue_size`` (``--organizations``, twice).
Every organization has five subscriptions over five years; one in fifty has sent events in the last
90 days. A row of subscriptions should cost about the same at either size, and little memory.
"""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Cost, measure
from benchmarks.revenue import AS_OF, history, seeds_copy
from ingestion.settings import Settings
from orchestration.transformation.arguments import GLOBAL_FLAGS
from orchestration.transformation.project import PROJECT_DIR, dbt_environment, dbt_executable

_PER_ORGANIZATION = 5
_MONTHS = 60
_MOST_MEGABYTES = 4096
_MOST_PER_ROW = 1.3  # times the smaller size, CPU seconds per subscription


def main(
    organizations: Annotated[list[int], typer.Option(help="A size; give two.")] = [4_000, 40_000],  # noqa: B006
    event_days: Annotated[int, typer.Option(help="Days of events before the as-of date.")] = 90,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure the build at each size; exit with 1 where a bound does not hold."""
    sizes = sorted(organizations)
    costs = [_cost(size, event_days) for size in sizes]
    per_row = [
        cost.cpu / (size * _PER_ORGANIZATION) for size, cost in zip(sizes, costs, strict=True)
    ]
    ratio = per_row[-1] / per_row[0]
    report = {
        "sizes": [
            {"organizations": size, "subscriptions": size * _PER_ORGANIZATION, **cost.to_dict()}
            for size, cost in zip(sizes, costs, strict=True)
        ],
        "cost_per_row_against_the_smallest": round(ratio, 2),
    }
    typer.echo(json.dumps(report)) if as_json else _print(report)
    if ratio > _MOST_PER_ROW or costs[-1].megabytes > _MOST_MEGABYTES:
        raise typer.Exit(1)


def _cost(organizations: int, event_days: int) -> Cost:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subscriptions = organizations * _PER_ORGANIZATION
        warehouse = history(folder / "warehouse", subscriptions, organizations, _MONTHS, event_days)
        environment = {
            **dbt_environment(Settings(warehouse=warehouse), seeds_copy(folder), AS_OF),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }
        build = ["build", "--exclude-resource-type", "unit_test"]
        command = [str(dbt_executable()), *GLOBAL_FLAGS, "--quiet", *build]
        return measure(command, environment, PROJECT_DIR)


def _print(report: dict) -> None:
    table = Table(title=f"The whole build, {_MONTHS} months of subscriptions")
    for heading in ("subscriptions", "organizations", "seconds", "CPU seconds", "megabytes"):
        table.add_column(heading, justify="right")
    for size in report["sizes"]:
        names = ("subscriptions", "organizations", "wall", "cpu", "megabytes")
        table.add_row(*(f"{size[name]:,}" for name in names))
    console = Console()
    console.print(table)
    ratio = report["cost_per_row_against_the_smallest"]
    console.print(
        f"CPU seconds per subscription: {ratio} times the smallest size (at most {_MOST_PER_ROW});"
        f" memory at most {_MOST_MEGABYTES:,} MB"
    )


if __name__ == "__main__":
    typer.run(main)
