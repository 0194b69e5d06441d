"""A landing zone as it lies on a disk: links, loops, names and times of any kind."""

import os
from datetime import datetime
from pathlib import Path

import fsspec
import pytest

from ingestion.errors import UserError
from ingestion.landing.folders import utc_time
from ingestion.landing.listing import landing_digest, overview
from ingestion.landing.storage import LandingZone
from tests.ingestion.event_cases import HASH
from tests.ingestion.place import MODIFIED, Place, touch

EVENTS = "acme/apps/web/events"


def csv(event: str) -> str:
    return f"event,user_hash,customer_org_id\n{event},{HASH},org\n"


def loaded_paths(place: Place) -> list[str]:
    return [row[0] for row in place.rows("loaded_files", "path")]


def test_links_are_followed_and_loops_are_not(place: Place, tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "b.csv").write_text(csv("outside"))
    place.write(f"{EVENTS}/2024/a.csv", csv("inside"))
    events = place.landing / EVENTS
    (events / "far").symlink_to(outside)
    (events / "c.csv").symlink_to(outside / "b.csv")
    (events / "again").symlink_to("2024")
    (events / "2024" / "loop").symlink_to("..")
    (outside / "back").symlink_to(events)
    place.quick_load()
    assert loaded_paths(place) == [
        f"{EVENTS}/{name}" for name in ("2024/a.csv", "again/a.csv", "c.csv", "far/b.csv")
    ]
    assert place.rows("events", "distinct event") == [("inside",), ("outside",)]
    found = overview(place.settings)
    assert found.outside == {
        f"{EVENTS}/c.csv": str(outside / "b.csv"),
        f"{EVENTS}/far": str(outside),
    }
    assert found.loops == [f"{EVENTS}/{name}" for name in ("2024/loop", "again/loop", "far/back")]
    assert place.rows("rejected_files") == []


def test_a_link_to_the_landing_zone_is_one(place: Place, tmp_path: Path) -> None:
    place.write(f"{EVENTS}/a.csv", csv("x"))
    (tmp_path / "link").symlink_to(place.landing)
    linked = Place(tmp_path / "linked", landing=str(tmp_path / "link"))
    linked.quick_load()
    assert loaded_paths(linked) == [f"{EVENTS}/a.csv"]


@pytest.mark.parametrize(
    ("name", "cause"),
    [("gone.csv", "is not there"), ("circle.csv", "is not there")],
)
def test_a_link_to_nothing_is_refused_alone(place: Place, name: str, cause: str) -> None:
    place.write(f"{EVENTS}/a.csv", csv("x"))
    (place.landing / EVENTS / name).symlink_to("circle.csv")
    place.quick_load()
    [row] = place.records("rejected_files")
    assert (row["company_id"], row["path"], row["reason"]) == (
        "acme",
        f"{EVENTS}/{name}",
        "unreadable_file",
    )
    assert cause in row["detail"]
    assert loaded_paths(place) == [f"{EVENTS}/a.csv"]
    place.quick_load()
    assert len(place.rows("rejected_files")) == 1, "once is enough"
    assert place.write(f"{EVENTS}/circle.csv.new", csv("y")).replace(
        place.landing / EVENTS / "circle.csv"
    )
    place.quick_load()
    assert f"{EVENTS}/{name}" in loaded_paths(place)


def test_a_name_that_is_not_utf8_is_refused_alone(place: Place) -> None:
    place.write(f"{EVENTS}/a.csv", csv("x"))
    folder = os.fsencode(place.landing / EVENTS)
    Path(os.fsdecode(folder + b"/b\xff.csv")).write_text(csv("y"))
    place.quick_load()
    [row] = place.records("rejected_files")
    assert row["path"] == f"{EVENTS}/b\\udcff.csv"
    assert "rename it" in row["detail"]
    assert loaded_paths(place) == [f"{EVENTS}/a.csv"]


def test_a_modification_time_of_zero_is_one(place: Place) -> None:
    place.write(f"{EVENTS}/a.csv", csv("x"), datetime(1970, 1, 1))
    place.quick_load()
    assert place.rows("events", "received_at") == [(datetime(1970, 1, 1),)]
    assert place.rows("loaded_files", "modified_at") == [(datetime(1970, 1, 1),)]
    place.quick_load()
    assert len(place.rows("loaded_files")) == 1


@pytest.mark.parametrize("seconds", [1e12, -1e12, float("inf"), float("nan")])
def test_a_time_that_is_no_date_is_an_error_of_the_file(seconds: float) -> None:
    with pytest.raises(OSError, match="no date"):
        utc_time(seconds)


@pytest.mark.parametrize("ending", ["jsonl.gz", "csv.gz", "parquet.gz", "jsonl.zst", "parquet"])
def test_an_empty_packed_file_is_none(place: Place, ending: str) -> None:
    place.write(f"{EVENTS}/a.{ending}", b"").write_bytes(b"")
    place.quick_load()
    assert place.rows("rejected_files", "reason") == [("unreadable_file",)]


def test_a_rewrite_of_equal_size_and_time_is_found_by_a_full_scan(place: Place) -> None:
    place.write(f"{EVENTS}/a.csv", csv("one"))
    place.load()
    place.write(f"{EVENTS}/a.csv", csv("two"))
    assert place.load().files == 0
    assert place.load(full_scan=True).rows_accepted == 1
    assert place.rows("events", "event") == [("one",), ("two",)]


def test_what_is_ignored_is_counted(place: Place) -> None:
    for name in ("a.json", "b.json", "c.txt", "d", ".e.csv", "f.csv.part"):
        place.write(f"{EVENTS}/{name}", "x")
    place.write(f"{EVENTS}/_temporary/g.csv", "x")
    found = overview(place.settings)
    assert found.others_by_ending == {".json": 2, ".txt": 1, "no ending": 1}
    assert found.hidden == 3, "a hidden folder counts once"
    assert found.inputs == {}


def test_the_digest_sees_whatever_could_change_a_load(place: Place) -> None:
    assert landing_digest(place.settings) is None
    file = place.write(f"{EVENTS}/a.csv", csv("x"))
    seen = [landing_digest(place.settings)]
    touch(file, MODIFIED.replace(year=2023))
    seen.append(landing_digest(place.settings))
    link = place.landing / EVENTS / "b.csv"
    link.symlink_to("c.csv")
    seen.append(landing_digest(place.settings))
    place.write(f"{EVENTS}/c.csv", csv("y"))
    seen.append(landing_digest(place.settings))
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("url", ["memory://no-such-bucket/landing", "{folder}/gone", "{folder}/f"])
def test_a_landing_zone_that_is_not_there_is_an_error(place: Place, url: str) -> None:
    """It is not "nothing new": whoever moved it, or mistyped its name, is to hear of it."""
    (place.folder / "f").write_text("no folder")
    zone = LandingZone(url.format(folder=place.folder))
    with pytest.raises(UserError, match=r"cannot be listed .* SAAS_TRACKER_LANDING"):
        zone.listing()


def test_a_landing_zone_that_may_not_be_read_is_an_error(place: Place, monkeypatch) -> None:
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.scandir", refuse)  # the tests may run as a user who may do anything
    with pytest.raises(UserError, match="Permission denied"):
        place.quick_load()


def test_a_bucket_without_files_is_an_empty_landing_zone(place: Place) -> None:
    filesystem = fsspec.filesystem("memory")
    filesystem.pipe("/a-bucket/other/file", b"x")
    assert LandingZone("memory://a-bucket/landing").listing().files == []
    filesystem.rm("/a-bucket", recursive=True)
