"""Files that cannot be read, names that are not read, and folders that nobody registered."""

import gzip
import hashlib
import json

import pyarrow as pa
import pytest

from tests.ingestion.event_cases import GOOD, HASH
from tests.ingestion.place import Place, parquet_bytes

EVENTS = "acme/apps/web/events"
CSV = f"event,user_hash,customer_org_id\nx,{HASH},org\n"


def line(event: str) -> str:
    return json.dumps({**GOOD, "event": event}) + "\n"


def zstd(data: bytes) -> bytes:
    return pa.Codec("zstd").compress(data, asbytes=True)


GZIPPED = gzip.compress("".join(line(f"cut{i}{hash(i)}") for i in range(2000)).encode())
ZIPPED = zstd("".join(line(f"cut{i}{hash(i)}") for i in range(2000)).encode())
TABLE = pa.table({name: [value] for name, value in {**GOOD, "event": "parquet"}.items()})
PARQUET = parquet_bytes(TABLE)

UNREADABLE = {
    "cut.jsonl.gz": GZIPPED[:-200],
    "cut-in-trailer.jsonl.gz": GZIPPED[:-4],
    "not-gzip.jsonl.gz.": None,  # replaced below: Place.write would compress it
    "cut.jsonl.zst": ZIPPED[:-20],
    "not-zstd.jsonl.zst": b"plain text\n" * 50,
    "latin1.jsonl": json.dumps({**GOOD, "event": "caf\u00e9"}, ensure_ascii=False).encode(
        "latin-1"
    ),
    "latin1-late.jsonl": (line("lost") * 90_000).encode() + b'{"event": "\xe9"}\n',
    "latin1-long.jsonl": line("lost").encode() + b'{"x": "' + b"\xe9" * (2 << 20) + b'"}\n',
    "latin1.csv": CSV.encode() + f"caf\u00e9,{HASH},org\n".encode("latin-1"),
    "utf16.jsonl": line("lost").encode("utf-16"),
    "utf16.csv": CSV.encode("utf-16"),
    "text.parquet": CSV.encode(),
    "empty.parquet": b"",
    "cut.parquet": PARQUET[:-10],
    "damaged.parquet": PARQUET[:4] + bytes(len(PARQUET) - 12) + PARQUET[-8:],
    "surrogate-bytes.jsonl": b'{"event": "\xed\xa0\x80"}\n',
}
del UNREADABLE["not-gzip.jsonl.gz."]

READABLE = {
    "nested/2024/05/a.jsonl": line("nested"),
    "upper.JSONL": line("upper"),
    "a.b.ndjson": line("dots"),
    'it\'s; "odd" [x] #1 %20?*.jsonl': line("odd name"),
    "emoji-🎉.jsonl": line("emoji name"),
    "packed.jsonl.gz": line("gz"),
    "packed.csv.gz": CSV.replace("\nx,", "\ncsv gz,"),
    "packed.jsonl.zst": zstd(line("zst").encode()),
    "packed.csv.zst": zstd(CSV.replace("\nx,", "\ncsv zst,").encode()),
    "packed.parquet.gz": parquet_bytes(TABLE.set_column(0, "event", [["parquet gz"]])),
    "packed.parquet.zst": zstd(parquet_bytes(TABLE.set_column(0, "event", [["parquet zst"]]))),
    "plain.parquet": PARQUET,
}
IGNORED = [
    f"{EVENTS}/.hidden.jsonl",
    f"{EVENTS}/_private.jsonl",
    f"{EVENTS}/_temporary/0/a.jsonl",
    f"{EVENTS}/.git/a.jsonl",
    f"{EVENTS}/a.jsonl.tmp",
    f"{EVENTS}/a.jsonl.part",
    f"{EVENTS}/a.txt",
    f"{EVENTS}/a.json",
    f"{EVENTS}/jsonl",
    f"{EVENTS}/a.jsonl.bz2",
    f"{EVENTS}/_SUCCESS",
    "acme/apps/web/a.jsonl",
    "acme/apps/a.jsonl",
    "acme/a.jsonl",
    "a.jsonl",
    "acme/imports/organizations/a.jsonl",
    "acme/imports/organizations/deep/a.csv",
    "acme/imports/organizations/a.csv.zst",
    "acme/imports/other/a.csv",
    "acme/imports/a.csv",
    "unknown/notes/a.jsonl",
]
UNREGISTERED = {
    "nobody/apps/web/events/a.jsonl": "unknown_company",
    "nobody/imports/organizations/a.csv": "unknown_company",
    "ACME/apps/web/events/a.jsonl": "unknown_company",
    "ac me/apps/web/events/a.jsonl": "unknown_company",
    "-acme/apps/web/events/a.jsonl": "unknown_company",
    "all/apps/web/events/a.jsonl": "unknown_company",
    f"{'a' * 64}/imports/subscriptions/a.csv": "unknown_company",
    "acme/apps/desktop/events/a.jsonl": "unknown_application",
    "acme/apps/WEB/events/a.jsonl": "unknown_application",
    "acme/apps/all/events/a.jsonl": "unknown_application",
    "dmy-co/apps/mobile/events/a.jsonl": "unknown_application",
    "mdy-co/apps/web/events/a.parquet": "unknown_application",
}
EMPTY = ("empty.jsonl", "empty.csv", "blank.jsonl", "blank.csv", "empty.jsonl.gz")


@pytest.fixture(scope="module")
def loaded(module_place: Place) -> Place:
    place = module_place
    for name, content in UNREADABLE.items():
        path = place.write(f"{EVENTS}/unreadable/{name}", b"")
        path.write_bytes(content)
    place.write(f"{EVENTS}/unreadable/not-gzip.jsonl.gz", b"").write_bytes(line("lost").encode())
    for name, content in READABLE.items():
        place.write(f"{EVENTS}/{name}", content)
    for path in IGNORED:
        place.write(path, line("ignored"))
    for path in UNREGISTERED:
        place.write(path, line("unregistered"))
    for name in EMPTY:
        place.write(f"{EVENTS}/{name}", " \n\n" if name.startswith("blank") else "")
    place.write(f"{EVENTS}/members.jsonl.gz", b"").write_bytes(
        gzip.compress(line("first member").encode()) + gzip.compress(line("second member").encode())
    )
    place.load()
    return place


@pytest.mark.parametrize("name", [*UNREADABLE, "not-gzip.jsonl.gz"])
def test_unreadable_file_is_reported_and_leaves_nothing(loaded: Place, name: str) -> None:
    path = f"{EVENTS}/unreadable/{name}"
    [row] = loaded.records("rejected_files", f"path = '{path}'")
    assert (row["company_id"], row["reason"]) == ("acme", "unreadable_file")
    assert row["detail"]
    assert row["load_id"] == row["_dlt_load_id"]
    assert loaded.rows("events", "event", f"source_path = '{path}'") == []
    assert loaded.rejects(path) == {}
    assert loaded.rows("loaded_files", "path", f"path = '{path}'") == []


@pytest.mark.parametrize("name", READABLE)
def test_any_readable_file_is_loaded(loaded: Place, name: str) -> None:
    found = loaded.query(
        "select line_number from raw.events where source_path = ?", [f"{EVENTS}/{name}"]
    )
    assert found == [(2 if ".csv" in name else 1,)]


def test_gzip_of_several_members_is_read_to_its_end(loaded: Place) -> None:
    found = loaded.rows("events", "event", f"source_path = '{EVENTS}/members.jsonl.gz'")
    assert found == [("first member",), ("second member",)]


@pytest.mark.parametrize("path", IGNORED)
def test_ignored_name_leaves_no_trace(loaded: Place, path: str) -> None:
    assert (loaded.landing / path).is_file()
    for table in ("loaded_files", "rejected_files", "rejected_rows"):
        assert loaded.query(f"select path from raw.{table} where path = ?", [path]) == []


@pytest.mark.parametrize("path", UNREGISTERED)
def test_file_of_an_unregistered_folder_is_reported_and_not_loaded(
    loaded: Place, path: str
) -> None:
    [row] = loaded.records("rejected_files", f"path = '{path}'")
    assert (row["company_id"], row["reason"]) == (path.split("/")[0], UNREGISTERED[path])
    assert loaded.rows("loaded_files", "path", f"path = '{path}'") == []


@pytest.mark.parametrize("name", EMPTY)
def test_empty_file_is_a_load_of_no_rows(loaded: Place, name: str) -> None:
    [row] = loaded.records("loaded_files", f"path = '{EVENTS}/{name}'")
    assert [row[f"rows_{count}"] for count in ("read", "accepted", "rejected", "duplicate")] == [
        0
    ] * 4


def test_nothing_of_other_folders_is_among_the_events(loaded: Place) -> None:
    events = {event for (event,) in loaded.rows("events", "event")}
    assert events & {"ignored", "unregistered", "lost"} == set()
    assert not [event for event in events if event.startswith("cut")]
    assert loaded.rows("events", "distinct company_id, app_id") == [("acme", "web")]


def test_counts_are_of_the_files_as_stored(loaded: Place) -> None:
    for row in loaded.records("loaded_files"):
        assert row["bytes"] == (loaded.landing / row["path"]).stat().st_size
        assert not row["path"].startswith("/")
    for row in loaded.records("loaded_files") + loaded.records("rejected_files"):
        stored = (loaded.landing / row["path"]).read_bytes()
        assert row["checksum"] in (None, hashlib.sha256(stored).hexdigest())
        assert row["checksum"] or row["reason"].startswith(("unknown_", "unreadable"))


def test_refused_file_is_not_reported_twice(loaded: Place) -> None:
    before = loaded.records("rejected_files"), loaded.records("loaded_files")
    assert loaded.load().files_rejected == 0
    assert (loaded.records("rejected_files"), loaded.records("loaded_files")) == before
