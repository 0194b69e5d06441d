"""``make bench`` and ``make bench-quick``: run ``python -m benchmarks --help``."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks import guard, report, results
from benchmarks.compare import check_same
from benchmarks.data import cache_folder, prepare
from benchmarks.measure import Cost
from benchmarks.results import Figures
from benchmarks.stages import Bench

_RESULTS = Path(__file__).with_name("results.json")
_QUICK_EVENTS = 300_000
_QUICK_STAGES = ["load", "transform", "publish"]
_ALL_STAGES = ["load", "parquet", "transform", "start", "publish", "run", "read"]

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)
console = Console()


@app.command()
def run(
    events: Annotated[list[int] | None, typer.Option(help="Sizes; repeat for several.")] = None,
    runs: Annotated[int, typer.Option(min=1, help="How often everything is measured.")] = 3,
    stages: Annotated[str, typer.Option(help="Which, in order.")] = ",".join(_ALL_STAGES),
    json_file: Annotated[
        Path, typer.Option("--json", help="Results are merged into it by size.")
    ] = _RESULTS,
) -> None:
    """Measure stages against their limits; put the figures into docs/benchmarks.md."""
    names = stages.split(",")
    unknown = set(names) - set(_ALL_STAGES)
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(_ALL_STAGES)}")
    for size in events or [1_000_000]:
        figures = _measure(size, runs, names)
        merged = results.merge(json_file, size, runs, figures)
        _show(size, figures)
    if json_file == _RESULTS:
        report.write_page(merged)


@app.command()
def quick(
    record: Annotated[bool, typer.Option("--record", help="Record the ratios instead.")] = False,
) -> None:
    """Compare three ratios of a small size with the recorded ones; exit 1 where one got worse."""
    measured = guard.guarded(_measure(_QUICK_EVENTS, 1, _QUICK_STAGES))
    for name, value in measured.items():
        console.print(f"{name}: {value:.2f} times the limit (CPU)")
    if record:
        guard.record(measured)
        return
    complaints = guard.slower(measured, guard.read_recorded())
    for complaint in complaints:
        console.print(complaint)
    raise typer.Exit(1 if complaints else 0)


@app.command()
def page() -> None:
    """Write docs/benchmarks.md from the results that are there."""
    report.write_page(results.read(_RESULTS))


def _measure(events: int, runs: int, names: list[str]) -> Figures:
    with console.status(f"preparing {events:,} events"):
        data = prepare(events, parquet="parquet" in names)

    def measured() -> Iterator[tuple[str, Cost]]:
        for number in range(runs):
            folder = Path(tempfile.mkdtemp(dir=cache_folder(), prefix="run-"))
            try:
                stages = Bench(data, folder, check_same).stages()
                for name in names:
                    for stage, cost in stages[name]():
                        console.print(
                            f"{number + 1}/{runs} {stage}: {cost.wall:.1f} s,"
                            f" {cost.cpu:.1f} s CPU, {cost.megabytes:,} MB"
                        )
                        yield stage, cost
            finally:
                shutil.rmtree(folder)

    return results.medians(measured())


def _show(events: int, figures: Figures) -> None:
    table = Table(title=f"{events:,} events")
    for heading in ("Stage", "Seconds", "CPU seconds", "Peak MB"):
        table.add_column(heading, justify="left" if heading == "Stage" else "right")
    for stage, cost in figures.items():
        table.add_row(
            stage, f"{cost['wall']:.1f}", f"{cost['cpu']:.1f}", f"{cost['megabytes']:,.0f}"
        )
    console.print(table)


if __name__ == "__main__":
    app()
