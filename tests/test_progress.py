"""Progress of a run: it moves with the bytes that are read, and nobody writes through it."""

import io
import json
import sys

from orchestration.cli.progress import StageReporter
from orchestration.landing.assets import LoadReporter
from tests.ingestion.event_cases import GOOD
from tests.ingestion.place import Place


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_others_print_does_not_come_through_the_progress(capfd) -> None:
    """Dagster logs every event to stderr, which goes to the log of the run."""
    screen = Screen()
    with StageReporter(screen) as reporter:
        reporter.stage("Start")
        print("DEBUG to stdout")  # noqa: T201
        print("DEBUG to stderr", file=sys.stderr)  # noqa: T201
        reporter.message("for people")
    assert "for people" in screen.getvalue()
    assert "DEBUG" not in screen.getvalue()
    assert sum(text.count("DEBUG") for text in capfd.readouterr()) == 2


def test_progress_moves_with_the_bytes_and_keeps_what_is_less_than_a_kilobyte() -> None:
    class Stages:
        def __init__(self) -> None:
            self.total, self.steps = 0, []

        def stage(self, name: str, total: int | None = None) -> None:
            self.total = total

        def advance(self, description: str = "", amount: int = 1) -> None:
            self.steps.append(amount)

    stages = Stages()
    reporter = LoadReporter(stages)
    reporter.started(2, 3_000)
    for read in (400, 400, 400, 1_800):
        reporter.advanced(read)
    assert (stages.total, stages.steps) == (3, [1, 2])


def test_files_report_their_bytes_while_they_are_read(tmp_path) -> None:
    class Watcher:
        def __init__(self) -> None:
            self.total, self.read = 0, []

        def started(self, files: int, stored_bytes: int) -> None:
            self.total = stored_bytes

        def advanced(self, stored_bytes: int) -> None:
            self.read.append(stored_bytes)

    place = Place(tmp_path / "place")
    lines = "".join(json.dumps({**GOOD, "event": str(n)}) + "\n" for n in range(50_000))
    place.write("acme/apps/web/events/large.jsonl", lines)
    place.write("acme/imports/organizations/o.csv", "org_id,name\no1,One\n")
    watcher = Watcher()
    place.quick_load(watcher)
    assert len(watcher.read) > 3, "a large file says more than once how far it is"
    assert sum(watcher.read) == watcher.total
