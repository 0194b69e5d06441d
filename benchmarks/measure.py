"""What a process costs: seconds on the clock and on the processors, memory of its whole tree."""

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

_EVERY_SECONDS = 0.25


class StageError(RuntimeError):
    """A measured command failed; the message ends in its last words."""


@dataclass(frozen=True)
class Cost:
    """One process with all that it started. ``megabytes`` is the peak of their sum (PSS)."""

    wall: float
    cpu: float
    megabytes: int

    def to_dict(self) -> dict[str, float]:
        """The fields by name."""
        return asdict(self)


def python(*arguments: object) -> list[str]:
    """A command of this environment's Python."""
    return [sys.executable, *(str(argument) for argument in arguments)]


def measure(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Cost:
    """Run a command in ``folder`` and say what it cost. Raises StageError where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        peak = _Peak(process.pid)
        code = process.wait()
        wall = time.monotonic() - started
        megabytes = peak.stop()
        if code:
            output.seek(0)
            words = output.read().decode(errors="replace")[-3_000:]
            raise StageError(f"{' '.join(command[:6])} … ended with {code}:\n{words}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(round(wall, 3), round(cpu, 3), megabytes)


class _Peak:
    """Samples the memory of a process and its descendants in a thread."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """End the sampling; the peak in megabytes."""
        self._ended.set()
        self._thread.join()
        return self._bytes >> 20

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            self._bytes = max(self._bytes, self._sample())

    def _sample(self) -> int:
        try:
            tree = [self._process, *self._process.children(recursive=True)]
        except psutil.Error:
            return 0
        return sum(_memory(process) for process in tree)


def _memory(process: psutil.Process) -> int:
    """Proportional where the system tells it: pages that processes share count once."""
    try:
        info = process.memory_full_info()
    except psutil.Error:
        return 0
    return getattr(info, "pss", 0) or info.rss
