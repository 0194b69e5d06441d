"""Parts of a cluster die in the middle of a statement."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from orchestration.platform.spark import processes
from orchestration.platform.spark.cluster import WORKERS, Cluster

BEFORE_INSERT = "create or replace table intermediate.int_session_events__new"
"""Sent when an incremental model has deleted what it replaces, and nothing is inserted yet."""
_SECONDS = 900  # on a machine that is busy with other things, too
_STARTED = re.compile(r"Starting task \S+ in stage \S+ \(TID (\d+)\) \([^,]+, executor (\d+),")
_ENDED = re.compile(r"Finished task \S+ in stage \S+ \(TID (\d+)\)")


def wait_for_statement(log: Path, start: str, after: int) -> None:
    """Wait until dbt has sent a statement that begins so; ``after``: the log's size before."""
    _wait(lambda: f"\n{start}" in _read_from(log, after), f"dbt sent no {start!r}")


def kill_busy_worker(cluster: Cluster) -> str:
    """Kill a worker and its executor while that runs a task; the worker's name.

    Executors are halted first, so that the task does not end meanwhile.
    """
    executors = {worker: _executor(cluster, worker) for worker in WORKERS}
    for process in executors.values():
        process.suspend()
    numbers: set[str] = set()

    def is_busy() -> bool:
        log = (cluster.folder / "thrift-server.log").read_text("utf-8", "replace")
        ended = set(_ENDED.findall(log))
        numbers.update(number for task, number in _STARTED.findall(log) if task not in ended)
        return bool(numbers & {_number(process) for process in executors.values()})

    _wait(is_busy, "no executor runs a task")
    victim = next(name for name in WORKERS if _number(executors[name]) in numbers)
    cluster.kill(victim)
    for name, process in executors.items():
        if name != victim:
            process.resume()
    return victim


def _executor(cluster: Cluster, worker: str) -> psutil.Process:
    number = processes.number(cluster.folder, worker)
    (executor,) = (
        child
        for child in psutil.Process(number).children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and "--executor-id" in child.cmdline()
    )
    return executor


def _number(executor: psutil.Process) -> str:
    command = executor.cmdline()
    return command[command.index("--executor-id") + 1]


def _read_from(log: Path, offset: int) -> str:
    with log.open("rb") as file:
        file.seek(offset)
        return file.read().decode("utf-8", "replace")


def _wait(is_true: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while not is_true():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise)
        time.sleep(0.05)
