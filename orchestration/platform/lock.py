"""One writer at a time, also across processes that share no Dagster instance.

The locks are the kernel's (``flock``), so a process that was killed leaves none behind; the file's
text only says who holds it. They lie beside the warehouse: two warehouses never wait for one
another.
There are two, because an operation takes Dagster's pool slot first and the writer's lock second,
while a run starts before either.
"""

import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from ingestion.errors import UserError

_POLL_SECONDS = 0.5
_WAIT_SECONDS = 3600.0
_FOREIGN_HOLDER = re.compile(r"Conflicting lock is held in (.+?) \(PID (\d+)\)")

OnWait = Callable[[str], None]


class WarehouseBusyError(UserError):
    """Another process still has the warehouse after the time to wait."""


@contextmanager
def run_lock(
    warehouse: Path, purpose: str, on_wait: OnWait, wait_seconds: float = _WAIT_SECONDS
) -> Iterator[None]:
    """One ``run`` command at a time; the second waits for its turn."""
    with _lock(_path(warehouse, "run"), purpose, on_wait, wait_seconds):
        yield


@contextmanager
def writer_lock(
    warehouse: Path, purpose: str, on_wait: OnWait, wait_seconds: float = _WAIT_SECONDS
) -> Iterator[None]:
    """The right to write the warehouse, for one operation. Not to be nested.

    ``on_wait`` hears once who is waited for. Raises WarehouseBusyError after ``wait_seconds``.
    """
    with _lock(_path(warehouse, "writer"), purpose, on_wait, wait_seconds):
        # A dbt process outlives a killed parent for a moment, and a BI tool may have the file open:
        # the lock alone does not tell.
        _wait(lambda: _other_process(warehouse), wait_seconds, on_wait)
        yield


def holders(warehouse: Path) -> list[str]:
    """Who holds a lock now, as phrases for a message."""
    found = []
    for kind in ("run", "writer"):
        path = _path(warehouse, kind)
        if path.exists():
            with path.open("r+") as file:
                if not _try_lock(file):
                    found.append(_describe(file))
    return found


def _path(warehouse: Path, kind: str) -> Path:
    return warehouse.with_name(f".{warehouse.stem}.{kind}.lock")


@contextmanager
def _lock(path: Path, purpose: str, on_wait: OnWait, wait_seconds: float) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        _wait(lambda: None if _try_lock(file) else _describe(file), wait_seconds, on_wait)
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "purpose": purpose, "since": since}))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _wait(blocker: Callable[[], str | None], wait_seconds: float, on_wait: OnWait) -> None:
    deadline = time.monotonic() + wait_seconds
    is_announced = False
    while (who := blocker()) is not None:
        if time.monotonic() >= deadline:
            raise WarehouseBusyError(f"the warehouse is in use by {who}; try again when it is done")
        if not is_announced:
            on_wait(f"the warehouse is in use by {who}: waiting")
            is_announced = True
        time.sleep(_POLL_SECONDS)


def _other_process(warehouse: Path) -> str | None:
    if not warehouse.exists():
        return None
    import duckdb  # kept out of the start-up of commands that only read

    try:
        duckdb.connect(str(warehouse)).close()
    except duckdb.IOException as error:
        if (match := _FOREIGN_HOLDER.search(str(error))) is None:
            raise UserError(f"{warehouse} cannot be opened: {error}") from error
        return f"{Path(match[1]).name} (process {match[2]})"
    return None


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _describe(file: IO[str]) -> str:
    file.seek(0)
    try:
        facts = json.loads(file.read())
    except ValueError:
        return "another process"
    return f"{facts['purpose']} (process {facts['pid']}, since {facts['since']})"
