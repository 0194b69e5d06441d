"""A load, replay or import that is killed on its way. Run as a program: FOLDER, POINT, WORK.

POINT is one of POINTS; where it is reached, the process kills itself and cleans up nothing.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.pipeline.pipeline import Pipeline

import ingestion.loading.pipeline
from ingestion import replay
from ingestion.loading import import_file
from ingestion.loading.batch import Batch
from ingestion.loading.pipeline import load_landing
from ingestion.settings import Settings
from tests.ingestion.place import NOW


def settings_of(folder: Path) -> Settings:
    """Settings of a ``Place`` in the same folder."""
    return Settings(
        landing=str(folder / "landing"),
        warehouse=folder / "warehouse" / "tracker.duckdb",
        seeds=folder / "seeds",
        now=NOW,
    )


def die(*_args: Any, **_kwargs: Any) -> None:
    """End the process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def after_calls(function: Callable[..., Any], calls: int) -> Callable[..., Any]:
    """The function, which kills the process once it has returned so many times."""
    count = 0

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        result = function(*args, **kwargs)
        count += 1
        if count == calls:
            die()
        return result

    return counted


def _in_extract() -> None:
    Batch.queries = after_calls(Batch.queries, 3)


def _before_normalize() -> None:
    Pipeline.normalize = die


def _before_load() -> None:
    Pipeline.load = die


def _in_load() -> None:
    from dlt.destinations.job_client_impl import ModelLoadJob

    ModelLoadJob.run = after_calls(ModelLoadJob.run, 2)


def _before_commit() -> None:
    SqlJobClientBase.complete_load = die


def _after_commit() -> None:
    SqlJobClientBase.complete_load = after_calls(SqlJobClientBase.complete_load, 1)


def _in_finish() -> None:
    ingestion.loading.pipeline.finish = die


POINTS = {
    "in extract": _in_extract,
    "before normalize": _before_normalize,
    "before load": _before_load,
    "in load": _in_load,
    "before commit": _before_commit,
    "after commit": _after_commit,
    "in finish": _in_finish,
}

WORK = {
    "load": load_landing,
    "replay": lambda settings: replay.apply(settings, replay.Selection()),
    "import": lambda settings: import_file.apply(
        settings, "organizations", settings.seeds.parent / "more.csv", "acme", skip_errors=True
    ),
}

if __name__ == "__main__":
    POINTS[sys.argv[2]]()
    WORK[sys.argv[3]](settings_of(Path(sys.argv[1])))
