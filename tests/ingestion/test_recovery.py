"""A load that is killed anywhere and started again leaves what an undisturbed one leaves."""

import json
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingestion import replay
from ingestion.loading import import_file
from ingestion.raw.tables import RAW_TABLES
from ingestion.settings import PROJECT_ROOT
from tests.ingestion.crashing_load import POINTS
from tests.ingestion.place import MODIFIED, Place
from tests.ingestion.subscription_sheets import IMPORTS, row, sheet
from tests.ingestion.test_manifest import EVENTS, ORGANIZATIONS, lines

CALLS = "acme/apps/web/calls"
COMMON_POINTS = ("in extract", "in load", "before commit")
# About a load, not about what it loads.
VOLATILE = {"load_id", "_dlt_load_id", "row_id"}
Tables = dict[str, list[tuple[Any, ...]]]


def calls(*events: str) -> str:
    """A batch of calls without ids, of which each event has one."""
    batch = [{"type": "track", "event": event, "userId": "u1"} for event in events]
    return json.dumps({"batch": batch}) + "\n"


def first_files(place: Place) -> None:
    place.write(f"{EVENTS}/a.jsonl", lines("a1", "a1", "a2") + "[]\n")
    place.write(f"{CALLS}/a.jsonl", calls("a", "a", "b", ""))
    place.write("nobody/apps/web/events/a.jsonl", lines("x"))
    place.write(f"{IMPORTS}/s.csv", sheet(row(1, external_org_id="late"), row(2, mrr="?")))


def second_files(place: Place) -> None:
    place.write(f"{EVENTS}/b.jsonl", lines("a1", "b1") + "5\n", MODIFIED - timedelta(days=1))
    place.write(f"{EVENTS}/c.jsonl", lines("b1").encode() + b"\xff")
    place.write(f"{EVENTS}/d.parquet", "no Parquet")
    place.write(f"{CALLS}/b.jsonl", calls("b", "c", "") + "5\n", MODIFIED - timedelta(days=1))
    place.write(f"{CALLS}/c.json", "{\n}")
    place.write(f"{ORGANIZATIONS}/o.csv", "org_id,name\nlate,Late\n2,\n")


def third_files(place: Place) -> None:
    place.write(f"{ORGANIZATIONS}/p.csv", "org_id,name\nlate,Later\n")


def tables_of(place: Place) -> Tables:
    """All raw tables without what is of a load."""
    tables = {}
    for table in RAW_TABLES:
        columns = ", ".join(name for name in table.columns if name not in VOLATILE)
        tables[table.name] = place.rows(table.name, columns)
    return tables


def start_crash(place: Place, point: str, work: str = "load") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ingestion.crashing_load", str(place.folder), point, work],
        cwd=PROJECT_ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def assert_killed(process: subprocess.Popen[bytes]) -> None:
    _, errors = process.communicate()
    assert process.returncode == -signal.SIGKILL, errors.decode()[-2000:]


class Scenes:
    """An undisturbed warehouse, and copies of its first state to crash in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._first = folder / "first"
        self.states: list[Tables] = []
        place = Place(folder / "undisturbed")
        for write in (first_files, second_files, third_files):
            write(place)
            place.load()
            self.states.append(tables_of(place))
            if write is first_files:
                shutil.copytree(place.folder, self._first)

    def new_place(self, name: str) -> Place:
        """A place with the first files, nothing loaded."""
        place = Place(self._folder / name.replace(" ", "-"))
        first_files(place)
        return place

    def loaded_place(self, name: str) -> Place:
        """A place with the first files loaded and the second ones waiting."""
        place = self.new_place(name)
        shutil.copytree(self._first / "warehouse", place.folder / "warehouse")
        second_files(place)
        return place


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    return Scenes(tmp_path_factory.mktemp("recovery"))


@pytest.fixture(scope="module")
def crashed(scenes: Scenes) -> dict[str, Place]:
    """Places whose load was killed, by the point of it (all at once: they mostly start up)."""
    places = {point: scenes.loaded_place(point) for point in COMMON_POINTS}
    places["with more files"] = scenes.loaded_place("with more files")
    places["very first"] = scenes.new_place("very first")
    points = {"with more files": "in finish", "very first": "before commit"}
    for process in [start_crash(place, points.get(name, name)) for name, place in places.items()]:
        assert_killed(process)
    return places


@pytest.mark.parametrize("point", COMMON_POINTS)
def test_killed_load_is_made_good_by_the_next(
    scenes: Scenes, crashed: dict[str, Place], point: str
) -> None:
    place = crashed[point]
    place.load()
    assert tables_of(place) == scenes.states[1]


def test_very_first_load_may_be_killed(scenes: Scenes, crashed: dict[str, Place]) -> None:
    place = crashed["very first"]
    place.load()
    assert tables_of(place) == scenes.states[0]


def test_files_that_come_after_the_crash_are_loaded_as_if_there_was_none(
    scenes: Scenes, crashed: dict[str, Place]
) -> None:
    """What the killed load had resolved is not tried a second time by the next one."""
    place = crashed["with more files"]
    third_files(place)
    place.load()
    assert tables_of(place) == scenes.states[2]


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_every_load_may_be_killed_anywhere_and_more_than_once(scenes: Scenes, point: str) -> None:
    place = scenes.new_place(f"slow {point}")
    assert_killed(start_crash(place, point))
    if point not in ("after commit", "in finish"):
        assert_killed(start_crash(place, point))
    place.load()
    assert tables_of(place) == scenes.states[0]
    second_files(place)
    assert_killed(start_crash(place, point))
    place.load()
    assert tables_of(place) == scenes.states[1]
    third_files(place)
    assert_killed(start_crash(place, point))
    place.load()
    assert tables_of(place) == scenes.states[2]


def refuse_more(place: Place) -> Place:
    """After the first files: a currency without a rate, which there is by now."""
    place.write(f"{IMPORTS}/t.csv", sheet(row(1, currency="BRL"), row(2, currency="BRL")))
    place.write(f"{ORGANIZATIONS}/o.csv", "org_id,name\no1,One\n")
    place.load()
    rates = place.folder / "seeds" / "exchange_rates.csv"
    rates.write_text(rates.read_text() + "2024-01-02,BRL,5\n")
    (place.folder / "more.csv").write_text("org_id,name\nmore,More\nlate,Late\n,\n")
    return place


@pytest.fixture(scope="module")
def refused(scenes: Scenes) -> Path:
    """A place to be copied."""
    return refuse_more(scenes.new_place("refused")).folder


def copy_of(folder: Path, name: str) -> Place:
    shutil.copytree(folder, folder.with_name(name), dirs_exist_ok=False)
    return Place.at(folder.with_name(name))


WORK = {
    "replay": lambda place: replay.apply(place.settings, replay.Selection()),
    "import": lambda place: import_file.apply(
        place.settings, "organizations", place.folder / "more.csv", "acme", skip_errors=True
    ),
}
AT_ONCE = [("replay", "before commit"), ("replay", "in finish"), ("import", "in load")]
LATER_POINTS = [(work, point) for work in WORK for point in POINTS if (work, point) not in AT_ONCE]


@pytest.mark.parametrize(
    ("work", "point"),
    AT_ONCE + [pytest.param(*each, marks=pytest.mark.slow) for each in LATER_POINTS],
)
def test_killed_replay_or_import_is_done_once_when_it_is_done_again(refused, work, point) -> None:
    expected = copy_of(refused, f"{work} {point} undisturbed")
    WORK[work](expected)
    if work == "import" and point in ("after commit", "in finish"):
        WORK[work](expected)  # it was committed: the second time is one more import of the file
    killed = copy_of(refused, f"{work} {point} killed")
    assert_killed(start_crash(killed, point, work))
    WORK[work](killed)
    assert tables_of(killed) == tables_of(expected)
    assert killed.rows("rejected_rows", "count(*)", "resolved_at is not null") != [(0,)]
