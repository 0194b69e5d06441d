"""What a process costs: seconds on the clock and on the processors, memory of its whole tree."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

_EVERY_SECONDS = 0.25
_SHARE = 0.05  # of the time, at most: to sample a gigabyte takes 15 ms


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


def measure(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    beside: Callable[[], list[psutil.Process]] = list,
) -> Cost:
    """Run a command in ``folder`` and say what it cost. Raises StageError where it fails.

    What runs ``beside`` it, and works for it, costs too: servers that were started before.
    """
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        watch = _Watch(process.pid, beside)
        # Not the sum of all children: servers that ended long ago may be waited for meanwhile.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = code = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - started
        cpu_beside, megabytes = watch.stop()
        if code:
            output.seek(0)
            words = output.read().decode(errors="replace")[-3_000:]
            raise StageError(f"{' '.join(command[:6])} … ended with {code}:\n{words}")
    cpu = usage.ru_utime + usage.ru_stime + cpu_beside
    return Cost(round(wall, 3), round(cpu, 3), megabytes)


def cost_so_far(running: Iterable[psutil.Process], wall: float) -> Cost:
    """What servers that go on running have cost since they were started."""
    trees = [process for root in running for process in _tree(root)]
    cpu = sum(map(_cpu, trees))
    return Cost(round(wall, 3), round(cpu, 3), sum(map(_memory, trees)) >> 20)


class _Watch:
    """Samples processes and their descendants in a thread."""

    def __init__(self, pid: int, beside: Callable[[], list[psutil.Process]]) -> None:
        self._process = psutil.Process(pid)
        self._beside = beside
        self._bytes = 0
        self._cpu: dict[psutil.Process, float] = {}  # of those beside, also when they have ended
        self._sample()
        self._cpu_before = sum(self._cpu.values())
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> tuple[float, int]:
        """End the sampling; CPU seconds of what ran beside, and the peak in megabytes."""
        self._ended.set()
        self._thread.join()
        self._sample()
        return sum(self._cpu.values()) - self._cpu_before, self._bytes >> 20

    def _watch(self) -> None:
        pause = _EVERY_SECONDS
        while not self._ended.wait(pause):
            started = time.thread_time()
            self._sample()
            pause = max(_EVERY_SECONDS, (time.thread_time() - started) / _SHARE)

    def _sample(self) -> None:
        beside = [process for root in self._beside() for process in _tree(root)]
        for process in beside:
            with suppress(psutil.Error):
                self._cpu[process] = _cpu(process)
        total = sum(_memory(process) for process in [*_tree(self._process), *beside])
        self._bytes = max(self._bytes, total)


def _tree(root: psutil.Process) -> list[psutil.Process]:
    try:
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def _cpu(process: psutil.Process) -> float:
    """Seconds of the process alone. Raises psutil.Error where it has ended."""
    times = process.cpu_times()
    return times.user + times.system


def _memory(process: psutil.Process) -> int:
    """Proportional where the system tells it: pages that processes share count once."""
    try:
        info = process.memory_full_info()
    except psutil.Error:
        return 0
    return getattr(info, "pss", 0) or info.rss
