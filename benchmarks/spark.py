"""The models on Spark beside DuckDB, on the same cores, at two sizes of flat events.

Run ``make bench-spark``, or ``python -m benchmarks.spark`` with one size and one number of cores
at a time: every figure is printed as soon as it is known. A cluster has a worker per core, and all
that works for an engine is bound to these cores, the Thrift server and dbt, too.
"""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.data import AS_OF, NEXT_DAY, Data, add_files, prepare, read_all
from benchmarks.measure import Cost, cost_so_far
from benchmarks.stages import Measured, settings_of, stage
from orchestration.platform.spark import processes
from orchestration.platform.spark.cluster import WORKERS, Cluster

# `make spark-up` gives workers 1 GB: enough to try models, not meant for ten million events.
_WORKER_MEMORY = "2g"
_FROM_SCRATCH = "build from scratch"
# What keeps history, and what that is made from.
_HISTORY = "+config.materialized:incremental +tag:this_run"
_MOST_GROWTH = 1.2  # times the CPU seconds of an event at the smaller size


def main(
    events: Annotated[list[int], typer.Option(help="A size; two of them are compared.")] = [  # noqa: B006
        1_000_000,
        10_000_000,
    ],
    cores: Annotated[list[int], typer.Option(min=1, max=2, help="How many.")] = [2, 1],  # noqa: B006
) -> None:
    """Measure both engines; exit with 1 where an event costs more among many."""
    smallest, largest = min(events), max(events)
    cpu: dict[tuple[int, int], float] = {}  # of an event, by size and cores
    for size in sorted(events):
        data = prepare(size)
        for count in cores:
            typer.echo(f"{size:,} events, {_cores(count)}")
            with _bound_to(count), _work_folder() as folder:
                _print("DuckDB", _days(data, folder / "duckdb", {}))
                workers = WORKERS[:count]
                costs = _print("Spark", _spark(data, folder, workers, lose_one=size == smallest))
            cpu[size, count] = costs[_FROM_SCRATCH].cpu / size
    growth = {count: cpu[largest, count] / cpu[smallest, count] for count in cores}
    if largest > smallest:
        for count, times in growth.items():
            typer.echo(
                f"An event of {largest:,} on Spark, {_cores(count)}: {times:.2f} times the CPU"
                f" seconds of one of {smallest:,} (at most {_MOST_GROWTH})"
            )
    if max(growth.values()) > _MOST_GROWTH:
        raise typer.Exit(1)


def _cores(count: int) -> str:
    return "one core" if count == 1 else f"{count} cores"


def _print(engine: str, measured: Measured) -> dict[str, Cost]:
    """Each figure at once: what follows may take an hour, or fail."""
    costs: dict[str, Cost] = {}
    for name, cost in measured:
        costs[name] = cost
        figures = f"{cost.wall:>8.1f} s {cost.cpu:>8.1f} CPU s {cost.megabytes:>7,} MB"
        typer.echo(f"{engine:<7}{name:<42}{figures}")
    return costs


@contextmanager
def _bound_to(count: int) -> Iterator[None]:
    """This process and all that it starts have so many cores. Raises where there are fewer."""
    before = os.sched_getaffinity(0)
    if len(before) < count:
        raise typer.BadParameter(f"this machine lets a process have {len(before)} cores")
    os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _work_folder() -> Iterator[Path]:
    """A folder that the account of the catalog's server may enter."""
    folder = Path(tempfile.mkdtemp(prefix="saas-tracker-spark-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _spark(data: Data, folder: Path, workers: tuple[str, ...], *, lose_one: bool) -> Measured:
    cluster = Cluster(
        folder / "cluster",
        folder / "lake",
        processes.free_port(),
        workers=workers,
        worker_memory=_WORKER_MEMORY,
    )
    started = time.monotonic()
    try:
        cluster.up()
        yield "start of the cluster", cost_so_far(cluster.processes(), time.monotonic() - started)
        settings = {
            "SAAS_TRACKER_TARGET": "spark",
            "SAAS_TRACKER_LAKE": str(cluster.lake),
            "SAAS_TRACKER_LAKE_CATALOG": cluster.catalog_uri,
            "SAAS_TRACKER_SPARK_PORT": str(cluster.port),
        }
        yield from _days(data, folder / "spark", settings, cluster)
        if lose_one and len(workers) > 1:
            yield from _lose_a_worker(data, folder / "spark", settings, cluster)
    finally:
        cluster.down()


def _days(
    data: Data, folder: Path, settings: dict[str, str], cluster: Cluster | None = None
) -> Measured:
    """All days up to D, then one more: loaded, brought to the lake of a cluster, built."""
    beside = cluster.processes if cluster else list
    for day, files, name in (
        (AS_OF, data.landing, _FROM_SCRATCH),
        (NEXT_DAY, data.next_day, "build of one more day"),
    ):
        add_files(files, folder / "landing")
        read_all(folder / "landing")
        environment = {**settings_of(_warehouse(folder), folder / "landing", day), **settings}
        yield f"load for the {name}", stage("load", environment)
        if cluster:
            yield f"raw to the lake for the {name}", stage("follow", environment, beside=beside)
        yield name, stage("transform", environment, day, beside=beside)


def _lose_a_worker(
    data: Data, folder: Path, settings: dict[str, str], cluster: Cluster
) -> Measured:
    """Models that keep history, from scratch and twice; nothing takes the killed worker's place.

    Only at the smallest size, where it takes minutes.
    """
    environment = {**settings_of(_warehouse(folder), folder / "landing", NEXT_DAY), **settings}
    arguments = ("transform", environment, NEXT_DAY, "--full-refresh", "--select", _HISTORY)
    again = stage(*arguments, beside=cluster.processes)
    yield "history from scratch", again
    killer = threading.Timer(again.wall / 2, cluster.kill, [cluster.workers[-1]])
    killer.start()
    yield "the same, a worker killed half way", stage(*arguments, beside=cluster.processes)
    killer.join()


def _warehouse(folder: Path) -> Path:
    return folder / "tracker.duckdb"


if __name__ == "__main__":
    typer.run(main)
