"""Which files a load takes: new and changed ones, each once, wherever the landing zone lies."""

import gzip
import json
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import fsspec
import pytest

from ingestion.errors import UserError
from ingestion.landing.storage import LandingZone, StoredFile
from ingestion.reference import load_registry
from tests.ingestion.event_cases import GOOD
from tests.ingestion.place import MODIFIED, Place, touch

EVENTS = "acme/apps/web/events"
ORGANIZATIONS = "acme/imports/organizations"
LATER = MODIFIED + timedelta(hours=1)


def lines(*events: str) -> str:
    return "".join(json.dumps({**GOOD, "event": event}) + "\n" for event in events)


def loads_of(place: Place, path: str) -> list[tuple[int, int, int]]:
    rows = place.records("loaded_files", f"path = '{path}'")
    return [(row["rows_read"], row["rows_accepted"], row["rows_duplicate"]) for row in rows]


def test_load_takes_what_is_new_or_changed(place: Place) -> None:
    """The real pipeline from an empty landing zone on, one load after the other."""
    nothing = place.load()
    assert (nothing.files, nothing.rows_read, nothing.files_rejected) == (0, 0, 0)
    place.write(f"{EVENTS}/a.jsonl", lines("a1", "a2") + "[]\n")
    place.write(f"{EVENTS}/b.jsonl", lines("b1"))
    place.write(f"{ORGANIZATIONS}/o.csv", "org_id,name\n1,A\n1,A\n2,\n")
    place.write("nobody/apps/web/events/a.jsonl", lines("x"))
    first = place.load()
    assert (first.files, first.rows_read, first.rows_accepted) == (3, 7, 4)
    assert (first.rows_rejected, first.rows_duplicate, first.files_rejected) == (2, 1, 1)
    assert {row["load_id"] for row in place.records("loaded_files")} == {first.load_id}

    touch(place.landing / EVENTS / "a.jsonl", LATER)
    touch(place.landing / ORGANIZATIONS / "o.csv", LATER)
    unchanged = place.load()
    assert (unchanged.files, unchanged.rows_read, unchanged.files_rejected) == (0, 0, 0)

    place.write(f"{EVENTS}/a.jsonl", lines("a1", "a2", "a3"), LATER)
    place.write(f"{ORGANIZATIONS}/o.csv", "org_id,name\n1,B\n", LATER + timedelta(hours=1))
    second = place.load()
    assert (second.files, second.rows_read, second.rows_accepted, second.rows_duplicate) == (
        2,
        4,
        2,
        2,
    )
    assert loads_of(place, f"{EVENTS}/a.jsonl") == [(3, 2, 0), (3, 1, 2)]
    assert place.rows("events", "event") == [("a1",), ("a2",), ("a3",), ("b1",)]
    assert place.rows("organization_versions", "display_name") == [("A",), ("B",)]


def test_content_of_the_same_size_and_time_is_found_by_a_full_scan(place: Place) -> None:
    place.write(f"{EVENTS}/a.jsonl", lines("a1"))
    place.load()
    place.write(f"{EVENTS}/a.jsonl", lines("a2"))
    place.load(full_scan=True)
    assert place.rows("events", "event") == [("a1",), ("a2",)]
    assert place.load(full_scan=True).files == 0


def test_content_that_comes_back_is_applied_again(place: Place) -> None:
    for hour, name in enumerate("ABA"):
        place.write(
            f"{ORGANIZATIONS}/o.csv", f"org_id,name\n1,{name}\n", MODIFIED.replace(hour=hour)
        )
        place.quick_load()
    names = [row["display_name"] for row in place.records("organization_versions")]
    assert names == ["A", "B", "A"]


def test_moved_file_is_another_file_of_the_same_events(place: Place) -> None:
    source = place.write(f"{EVENTS}/a.jsonl", lines("a1", "a1"))
    place.quick_load()
    (source.parent / "archive").mkdir()
    source.rename(source.parent / "archive" / "a.jsonl")
    place.quick_load()
    assert loads_of(place, f"{EVENTS}/archive/a.jsonl") == [(2, 0, 2)]
    assert place.rows("events", "event") == [("a1",), ("a1",)]


def test_refusals_are_told_once_until_something_changes(place: Place) -> None:
    broken = place.write(f"{EVENTS}/a.jsonl", b"\xff\xfe")
    place.write("nobody/imports/organizations/a.csv", "org_id,name\n1,A\n")
    place.write(f"{ORGANIZATIONS}/o.csv", "org_id\n1\n")
    for _ in range(3):
        place.quick_load()
    assert place.rows("rejected_files", "reason") == [
        ("missing_column",),
        ("unknown_company",),
        ("unreadable_file",),
    ]
    touch(broken, LATER)
    place.quick_load()
    assert len(place.records("rejected_files", "reason = 'unreadable_file'")) == 1
    place.write(f"{EVENTS}/a.jsonl", b"\xff\xfe\xff", LATER)
    place.quick_load()
    assert len(place.records("rejected_files", "reason = 'unreadable_file'")) == 2
    place.write(f"{EVENTS}/a.jsonl", lines("good"), LATER)
    place.write(f"{ORGANIZATIONS}/o.csv", "org_id,name\n1,A\n", LATER)
    place.quick_load()
    assert place.rows("events", "event") == [("good",)]
    assert place.rows("organization_versions", "display_name") == [("A",)]


def test_file_is_loaded_once_its_folder_is_registered(place: Place) -> None:
    place.write("newco/imports/organizations/a.csv", "org_id,name\n1,A\n")
    place.write("acme/apps/desktop/events/a.jsonl", lines("a"))
    place.quick_load()
    assert place.rows("rejected_files", "company_id, reason") == [
        ("acme", "unknown_application"),
        ("newco", "unknown_company"),
    ]
    seeds = place.folder / "seeds"
    with (seeds / "companies.csv").open("a") as stream:
        stream.write("newco,New,growth,EUR,\n")
    with (seeds / "applications.csv").open("a") as stream:
        stream.write("acme,desktop,Desktop,user,inactivity_gap,30,hashed,major\n")
    place.quick_load()
    assert place.rows("organization_versions", "company_id") == [("newco",)]
    assert place.rows("events", "app_id") == [("desktop",)]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("companies.csv", "all,Everybody,growth,EUR,\n"),
        ("companies.csv", "Big,Upper case,growth,EUR,\n"),
        ("companies.csv", f"{'a' * 64},Long,growth,EUR,\n"),
        ("applications.csv", "acme,all,All,user,inactivity_gap,30,hashed,major\n"),
        ("applications.csv", "acme,a b,Space,user,inactivity_gap,30,hashed,major\n"),
    ],
)
def test_reserved_and_malformed_ids_cannot_be_registered(
    place: Place, name: str, line: str
) -> None:
    with (place.folder / "seeds" / name).open("a") as stream:
        stream.write(line)
    with pytest.raises(UserError, match=name):
        load_registry(place.settings)


class _Meddler:
    """Watches a load and does something to the landing zone once it has begun."""

    def __init__(self, meddle: object) -> None:
        self._meddle = meddle

    def started(self, files: int, stored_bytes: int) -> None:
        self._meddle()

    def advanced(self, stored_bytes: int) -> None:
        pass


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet", "a.jsonl.gz"])
@pytest.mark.parametrize("change", ["grows", "goes", "is touched"])
def test_file_that_changes_while_it_is_read_waits(place: Place, name: str, change: str) -> None:
    place.write(f"{EVENTS}/other.jsonl", lines("other"))
    contents = {
        "a.csv": f"event,user_hash,customer_org_id\nx,{'a' * 64},org\n",
        "a.parquet": b"not yet",
    }
    path = place.write(f"{EVENTS}/{name}", contents.get(name, lines("x")))

    def meddle() -> None:
        if change == "goes":
            path.unlink()
        elif change == "grows":
            with path.open("ab") as stream:
                stream.write(gzip.compress(b"\n") if name.endswith(".gz") else b"\n")
        else:
            touch(path, LATER)

    place.quick_load(_Meddler(meddle))
    assert place.rows("events", "event") == [("other",)]
    assert place.rows("loaded_files", "path") == [(f"{EVENTS}/other.jsonl",)]
    assert place.rows("rejected_files", "path") == []
    assert place.rows("rejected_rows", "path") == []
    if change == "goes" or name == "a.parquet":
        return
    place.quick_load()
    assert place.rows("events", "event") == [("other",), ("x",)]


def test_import_that_changes_while_it_is_read_waits(place: Place) -> None:
    path = place.write(f"{ORGANIZATIONS}/o.csv", "org_id,name\n1,A\n")
    place.quick_load(_Meddler(lambda: path.write_text("org_id,name\n1,B\n2,")))
    assert place.rows("import_history", "path") == []
    place.quick_load()
    assert place.rows("organization_versions", "display_name") == [("B",)]


def test_landing_zone_may_be_a_url(tmp_path: Path) -> None:
    memory = fsspec.filesystem("memory")
    root = "/landing of a test"
    content = lines("a1", "a2")
    try:
        memory.pipe(f"{root}/{EVENTS}/a.jsonl", content.encode())
        memory.pipe(f"{root}/{ORGANIZATIONS}/o.csv", b"org_id,name\n1,A\n")
        memory.pipe(f"{root}/{EVENTS}/_ignored.jsonl", content.encode())
        place = Place(tmp_path / "place", landing=f"memory:/{root}")
        place.load()
        again = place.load()
    finally:
        memory.rm(root, recursive=True)
    assert place.rows("loaded_files", "path") == [
        (f"{EVENTS}/a.jsonl",),
        (f"{ORGANIZATIONS}/o.csv",),
    ]
    assert place.rows("events", "event") == [("a1",), ("a2",)]
    [(received,)] = place.rows("events", "distinct received_at")
    assert isinstance(received, datetime)
    assert received.tzinfo is None
    assert again.files == 0


@pytest.mark.parametrize("ending", ["", "/"])
def test_file_url_is_the_same_as_its_path(place: Place, ending: str) -> None:
    place.write(f"{EVENTS}/a.jsonl", lines("a1"))
    place.quick_load()
    place._landing_url = f"file://{place.landing}{ending}"
    place.quick_load()
    assert loads_of(place, f"{EVENTS}/a.jsonl") == [(1, 1, 0)]


def test_paths_with_odd_characters_are_paths(tmp_path: Path) -> None:
    landing = tmp_path / "O'Brien's \"landing\" [1]; 100% {é}"
    place = Place(tmp_path / "a place; [1] (é) & more", landing=str(landing))
    place.landing = landing
    place.write(f"{EVENTS}/it's.jsonl", lines("a1"))
    place.write(f"{EVENTS}/it's.csv", f"event,user_hash,customer_org_id\nx,{'b' * 64},o\n")
    place.load()
    assert place.rows("events", "event") == [("a1",), ("x",)]


def test_a_new_dump_is_hashed_as_it_is_read(place: Place, monkeypatch) -> None:
    """Only what could be an earlier content of the same path is read a time more."""
    hashed: list[str] = []
    checksum = LandingZone.checksum

    def counted(zone: LandingZone, file: StoredFile) -> str:
        hashed.append(file.path)
        return checksum(zone, file)

    monkeypatch.setattr(LandingZone, "checksum", counted)
    place.write(f"{EVENTS}/a.jsonl", lines("a1"))
    place.write(f"{EVENTS}/b.jsonl.gz", lines("b1"))
    place.quick_load()
    assert not hashed
    touch(place.landing / EVENTS / "a.jsonl", LATER)
    place.write(f"{EVENTS}/b.jsonl.gz", lines("b1", "b2"), LATER)
    place.quick_load()
    assert sorted(hashed) == [f"{EVENTS}/a.jsonl", f"{EVENTS}/b.jsonl.gz"]
    assert place.rows("events", "event") == [("a1",), ("b1",), ("b2",)]
    assert len(loads_of(place, f"{EVENTS}/a.jsonl")) == 1


def test_a_warehouse_of_an_earlier_version_gets_the_columns_it_lacks(place: Place) -> None:
    """A column that the definitions have gained, also where no file is new."""
    place.write(f"{EVENTS}/a.jsonl", lines("a") + "[]\n")
    place.load()
    with duckdb.connect(str(place.settings.warehouse)) as connection:
        connection.execute("alter table raw.rejected_rows drop column item_number")
    place.load()
    assert place.rows("rejected_rows", "item_number") == [(None,)]
    place.write(f"{EVENTS}/b.jsonl", lines("b") + "[]\n")
    place.load()
    assert place.rows("rejected_rows", "line_number, item_number") == [(2, None), (2, None)]
    assert len(place.rows("events")) == 2
