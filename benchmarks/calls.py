"""Calls against as many flat events: from files to marts, in Segment's shape and in four vendors'.

Run ``make bench``, or ``python -m benchmarks.calls`` (``--calls`` for another size). The events are
the same as in the other benchmarks; each is a call of one vendor or, mixed, of another vendor each
day.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.call_shapes import SHAPES
from benchmarks.data import AS_OF, cache_folder, prepare, prepare_calls, read_all
from benchmarks.measure import Cost
from benchmarks.stages import settings_of, stage

_FLAT = "flat events"
_MOST_AGAINST_EVENTS = 1.6  # CPU seconds of load and build
_MOST_MEGABYTES = 6_144


def main(
    calls: Annotated[int, typer.Option(help="How many.")] = 1_000_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure load and build of each route; exit with 1 where a bound does not hold."""
    data = prepare(calls)
    landings = {
        _FLAT: data.landing,
        "calls of Segment": prepare_calls(data, ["segment"]),
        "mixed calls": prepare_calls(data, list(SHAPES)),
    }
    costs = {name: _costs(landing) for name, landing in landings.items()}
    totals = {name: sum(cost.cpu for cost in stages.values()) for name, stages in costs.items()}
    report = {
        name: {
            **{stage: cost.to_dict() for stage, cost in stages.items()},
            "against_events": round(totals[name] / totals[_FLAT], 2),
        }
        for name, stages in costs.items()
    }
    typer.echo(json.dumps(report)) if as_json else _print(calls, report)
    megabytes = max(cost.megabytes for stages in costs.values() for cost in stages.values())
    if max(totals.values()) > totals[_FLAT] * _MOST_AGAINST_EVENTS or megabytes > _MOST_MEGABYTES:
        raise typer.Exit(1)


def _costs(landing: Path) -> dict[str, Cost]:
    """``load`` and ``build`` in a warehouse of their own."""
    folder = Path(tempfile.mkdtemp(dir=cache_folder(), prefix="calls-"))
    environment = settings_of(folder / "tracker.duckdb", landing, AS_OF)
    try:
        read_all(landing)
        return {
            "load": stage("load", environment),
            "build": stage("transform", environment, AS_OF),
        }
    finally:
        shutil.rmtree(folder)


def _print(calls: int, report: dict) -> None:
    table = Table(title=f"{calls:,} calls, from files to marts")
    for heading in ("", "load s", "CPU s", "MB", "build s", "CPU s", "MB", "× events"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, stages in report.items():
        figures = (stages[stage] for stage in ("load", "build"))
        cells = [(f"{f['wall']:.1f}", f"{f['cpu']:.1f}", f"{f['megabytes']:,}") for f in figures]
        table.add_row(name, *cells[0], *cells[1], f"{stages['against_events']:.2f}")
    console = Console()
    console.print(table)
    console.print(
        f"at most {_MOST_AGAINST_EVENTS} times the CPU seconds of events,"
        f" and {_MOST_MEGABYTES:,} MB"
    )


if __name__ == "__main__":
    typer.run(main)
