"""Processes that outlive the command which started them, ended by the number in a file."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from ingestion.errors import UserError

_START_SECONDS = 300  # also where the machine is busy with other things
_END_SECONDS = 60
_CLOCK_SECONDS = 5


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def is_listening(port: int) -> bool:
    """Whether somebody listens on the port of 127.0.0.1."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def start(
    folder: Path,
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    user: str | None,
) -> None:
    """Start a process that goes on by itself; its log and the file with its number are there."""
    with (folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    born = psutil.Process(process.pid).create_time()
    _number_file(folder, name).write_text(f"{process.pid} {born}")


def wait_for_port(folder: Path, name: str, port: int) -> None:
    """Wait until a started process listens. Raises UserError where it ends, or takes too long."""
    deadline = time.monotonic() + _START_SECONDS
    while not is_listening(port):
        if number(folder, name) is None or time.monotonic() > deadline:
            raise UserError(f"spark: {name} did not start; {folder / name}.log says why")
        time.sleep(0.2)


def number(folder: Path, name: str) -> int | None:
    """The number of a process that was started here and still runs."""
    file = _number_file(folder, name)
    if not file.exists():
        return None
    pid, born = file.read_text().split()
    born_now = _born(int(pid))
    # The kernel gives a number again, and reckons the time from a clock that may be set.
    is_same = born_now is not None and abs(born_now - float(born)) < _CLOCK_SECONDS
    return int(pid) if is_same else None


def end(folder: Path, name: str, with_signal: signal.Signals = signal.SIGTERM) -> None:
    """End a process that was started here, and no other one."""
    deadline = time.monotonic() + _END_SECONDS
    while (pid := number(folder, name)) is not None:
        is_late = time.monotonic() > deadline
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL if is_late else with_signal)
        time.sleep(0.2)
    _number_file(folder, name).unlink(missing_ok=True)


def _number_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.pid"


def _born(pid: int) -> float | None:
    """When a running process began."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None
