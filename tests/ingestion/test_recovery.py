"""A load that is killed anywhere and started again leaves what an undisturbed one leaves."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingestion.raw_tables import RAW_TABLES
from ingestion.settings import PROJECT_ROOT
from tests.ingestion.crashing_load import POINTS
from tests.ingestion.place import MODIFIED, Place
from tests.ingestion.test_manifest import EVENTS, ORGANIZATIONS, lines
from tests.ingestion.test_subscriptions_import import IMPORTS, row, sheet

# Of a load, not of what it loads.
VOLATILE = {"load_id", "_dlt_load_id", "row_id"}
Tables = dict[str, list[tuple[Any, ...]]]


def first_files(place: Place) -> None:
    place.write(f"{EVENTS}/a.jsonl", lines("a1", "a1", "a2") + "[]\n")
    place.write("nobody/apps/web/events/a.jsonl", lines("x"))
    place.write(f"{IMPORTS}/s.csv", sheet(row(1, external_org_id="late"), row(2, mrr="?")))


def second_files(place: Place) -> None:
    place.write(f"{EVENTS}/b.jsonl", lines("a1", "b1") + "5\n", MODIFIED - timedelta(days=1))
    place.write(f"{EVENTS}/c.jsonl", lines("b1") + b"\xff".decode("latin-1"))
    place.write(f"{EVENTS}/d.parquet", "no Parquet")
    place.write(f"{ORGANIZATIONS}/o.csv", "org_id,name\nlate,Late\n2,\n")


def third_files(place: Place) -> None:
    place.write(f"{ORGANIZATIONS}/p.csv", "org_id,name\nlate,Later\n")


def tables_of(place: Place) -> Tables:
    """All raw tables without what is of a load."""
    tables = {}
    for table in RAW_TABLES:
        columns = ", ".join(name for name in table.columns if name not in VOLATILE)
        tables[table.name] = place.rows(table.name, columns or "count(*)")
    return tables


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[Tables]:
    """The tables after each of three loads."""
    place = Place(tmp_path_factory.mktemp("undisturbed") / "place")
    states = []
    for write in (first_files, second_files, third_files):
        write(place)
        place.load()
        states.append(tables_of(place))
    return states


def crash(place: Place, point: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.ingestion.crashing_load", str(place.folder), point],
        cwd=PROJECT_ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]


@pytest.mark.parametrize("point", ["in extract", "in load", "before commit", "in finish"])
def test_killed_load_is_made_good_by_the_next(
    tmp_path: Path, undisturbed: list[Tables], point: str
) -> None:
    place = Place(tmp_path / "place")
    first_files(place)
    place.load()
    second_files(place)
    crash(place, point)
    place.load()
    assert tables_of(place) == undisturbed[1]
    third_files(place)
    place.load()
    assert tables_of(place) == undisturbed[2]


def test_very_first_load_may_be_killed(tmp_path: Path, undisturbed: list[Tables]) -> None:
    place = Place(tmp_path / "place")
    first_files(place)
    crash(place, "before commit")
    place.load()
    assert tables_of(place) == undisturbed[0]


def test_files_that_come_after_the_crash_are_loaded_as_if_there_was_none(
    tmp_path: Path, undisturbed: list[Tables]
) -> None:
    """What the killed load had resolved is not tried a second time by the next one."""
    place = Place(tmp_path / "place")
    first_files(place)
    place.load()
    second_files(place)
    crash(place, "in finish")
    third_files(place)
    place.load()
    assert tables_of(place) == undisturbed[2]


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_each_of_two_loads_may_be_killed_anywhere(
    tmp_path: Path, undisturbed: list[Tables], point: str
) -> None:
    place = Place(tmp_path / "place")
    first_files(place)
    crash(place, point)
    crash_or_nothing(place, "in load", point)
    place.load()
    assert tables_of(place) == undisturbed[0]
    second_files(place)
    crash(place, point)
    place.load()
    assert tables_of(place) == undisturbed[1]


def crash_or_nothing(place: Place, point: str, after: str) -> None:
    """Kill a second time, unless the first one left nothing to load."""
    if after not in ("after commit", "in finish"):
        crash(place, point)
