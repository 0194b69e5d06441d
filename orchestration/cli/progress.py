"""Progress of a run: a live display on a terminal, one line per stage elsewhere."""

import time
from typing import TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


class StageReporter:
    """Shows the current stage and how far it is."""

    def __init__(self, terminal: TextIO) -> None:
        self._console = Console(file=terminal, highlight=False)
        self._live = self._console.is_terminal
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.fields[stage]:<24}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", style="dim"),
            console=self._console,
            disable=not self._live,
            transient=True,
            # What others print goes to the run's log. Rich would put it above the progress instead.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task: TaskID | None = None
        self._stage = ""
        self._started = time.monotonic()

    def __enter__(self) -> "StageReporter":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._finish_stage()
        self._progress.stop()

    def stage(self, name: str, total: int | None = None) -> None:
        """A stage begins; the one before is done."""
        self._finish_stage()
        self._stage, self._started = name, time.monotonic()
        self._task = self._progress.add_task("", total=total, stage=name)

    def advance(self, description: str = "", amount: int = 1) -> None:
        """Steps of the current stage are done."""
        if self._task is not None:
            self._progress.update(self._task, advance=amount, description=description)

    def message(self, text: str) -> None:
        """Say something beside the progress."""
        self._progress.console.print(text, markup=False)

    def _finish_stage(self) -> None:
        if self._task is None:
            return
        self._progress.remove_task(self._task)
        self._task = None
        seconds = time.monotonic() - self._started
        self._console.print(f"{self._stage:<24} {seconds:6.1f} s", markup=False)
