"""Loading NDJSON events against DuckDB's own ``read_json`` of the same file.

Run ``make bench``, or ``python -m benchmarks.load --events 1000000 --runs 5``. The two are
measured in turn, each in a process of its own: seconds without imports, peak memory with them.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

_EVENTS = """
    copy (
        select
            'event_' || i % 20 as event,
            md5((i % 5000)::varchar) || md5((i % 5000)::varchar) as user_hash,
            'org-' || i % 800 as customer_org_id,
            '/tasks/' || i % 1000 || '/edit' as path,
            case when i % 2 = 0 then 'session-' || i // 20 end as session_id,
            1700000000 + i as ts_epoch,
            'production' as environment,
            'growth' as plan,
            case when i % 2 = 0 then 'id-' || i end as event_id,
            {'browser': 'firefox', 'n': i, 'tags': ['a', 'b']} as properties,
            strftime(to_timestamp(1700000003 + i)::timestamp, '%Y-%m-%dT%H:%M:%SZ') as received_at
        from range(%EVENTS%) as numbers(i)
    ) to '%FILE%' (format json)"""

_PLAIN = """
import duckdb
start = time.perf_counter()
with duckdb.connect(sys.argv[1] + "/plain.duckdb") as connection:
    connection.execute(f"create table events as select * from read_json('{sys.argv[2]}')")
"""

_LOAD = """
from ingestion.pipeline import load_landing
from ingestion.settings import Settings
settings = Settings(landing=sys.argv[1] + "/landing", warehouse=sys.argv[1] + "/load/bench.duckdb")
start = time.perf_counter()
load_landing(settings)
"""

_MEASURE = """
import json, resource
print(json.dumps({
    "seconds": time.perf_counter() - start,
    "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def main(
    events: Annotated[int, typer.Option(help="How many events the file has.")] = 1_000_000,
    runs: Annotated[int, typer.Option(help="How often each is measured.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure loading against DuckDB's own read_json."""
    plain, load = [], []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "landing/acme/apps/web/events/bench.jsonl")
        file.parent.mkdir(parents=True)
        duckdb.execute(_EVENTS.replace("%EVENTS%", str(events)).replace("%FILE%", str(file)))
        for run in range(runs):
            folder_of_run = Path(folder, f"run-{run}")
            folder_of_run.mkdir()
            Path(folder_of_run, "landing").symlink_to(Path(folder, "landing"))
            plain.append(_measure(_PLAIN, folder_of_run, file))
            load.append(_measure(_LOAD, folder_of_run, file))
    report = {
        "events": events,
        "runs": runs,
        "plain": _medians(plain),
        "load": _medians(load),
        "speed_ratio": statistics.median(
            p["seconds"] / q["seconds"] for p, q in zip(plain, load, strict=True)
        ),
    }
    typer.echo(json.dumps(report)) if as_json else _print(report)


def _measure(program: str, folder: Path, file: Path) -> dict[str, float]:
    command = [sys.executable, "-c", f"import sys, time\n{program}\n{_MEASURE}", folder, file]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _medians(measured: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in measured) for name in measured[0]}


def _print(report: dict) -> None:
    table = Table(title=f"{report['events']:,} NDJSON events, median of {report['runs']} runs")
    for heading in ("", "seconds", "events/s", "peak MB"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, label in (("plain", "DuckDB read_json"), ("load", "load with all checks")):
        figures = report[name]
        speed = report["events"] / figures["seconds"]
        table.add_row(
            label, f"{figures['seconds']:.2f}", f"{speed:,.0f}", f"{figures['megabytes']:,.0f}"
        )
    console = Console()
    console.print(table)
    console.print(f"Speed of the load: {report['speed_ratio']:.2f} of DuckDB's own")


if __name__ == "__main__":
    typer.run(main)
