"""Whatever a file's bytes are, it is loaded or refused, and all other files load."""

import errno
import gzip
import json
import random
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType

import duckdb
import pyarrow as pa
import pytest

from ingestion.dumps import rows
from ingestion.events import files
from ingestion.imports import load
from ingestion.landing import storage
from tests.ingestion.event_cases import GOOD, HASH
from tests.ingestion.place import Place, csv_text, parquet_bytes

EVENTS = "acme/apps/web/events"
IMPORTS = "acme/imports"
_ROWS = [
    {
        **GOOD,
        "event": f"event {number % 3}",
        "customer_org_id": f"org {number % 5}",
        "ts_epoch": 1_714_557_600 + number,
        "received_at": "2024-05-01T10:00:00Z",
        "properties": json.dumps({"n": number, "é": [None, True, 1.5]}),
    }
    for number in range(40)
]
_CSV = csv_text(_ROWS[0], _ROWS)
_JSON = "\n".join(json.dumps({**row, "properties": json.loads(row["properties"])}) for row in _ROWS)
_TABLE = pa.Table.from_pylist(_ROWS)
_TYPED = pa.table(
    {
        **{name: _TABLE[name] for name in GOOD},
        "event_id": pa.array([bytes([number]) * 4 for number in range(40)], pa.binary()),
        "received_at": pa.array([datetime(2024, 5, 1)] * 40),
        "properties": pa.array([{"a": [number], "b": {"c": "x"}} for number in range(40)]),
        "plan": pa.array(["a", "b"] * 20).dictionary_encode(),
    }
)
_ORGANIZATIONS = csv_text(
    ["external_org_id", "display_name"], [[f"org {number}", f"Org {number}"] for number in range(9)]
)
_SUBSCRIPTIONS = csv_text(
    ["external_org_id", "product_code", "mrr", "currency", "start_at", "end_at"],
    [[f"org {number}", "pro", f"{number},50", "EUR", "2024-01-31", ""] for number in range(9)],
)
_DISMISSALS = csv_text(
    ["external_org_id", "signal_type", "dismissed_at"], [["org 1", "usage_drop", "2024-05-01"]]
)


def _zstd(data: bytes) -> bytes:
    return pa.Codec("zstd").compress(data, asbytes=True)


# Folder and ending, and valid bytes.
SAMPLES: dict[str, bytes] = {
    f"{EVENTS}/*.jsonl": _JSON.encode(),
    f"{EVENTS}/*.jsonl.gz": gzip.compress(_JSON.encode(), mtime=0),
    f"{EVENTS}/*.ndjson.zst": _zstd(_JSON.encode()),
    f"{EVENTS}/*.csv": _CSV.encode(),
    f"{EVENTS}/*.csv.gz": gzip.compress(_CSV.encode(), mtime=0),
    f"{EVENTS}/*.parquet": parquet_bytes(_TABLE),
    f"{EVENTS}/*.typed.parquet": parquet_bytes(_TYPED),
    f"{EVENTS}/*.parquet.gz": gzip.compress(parquet_bytes(_TABLE), mtime=0),
    f"{IMPORTS}/organizations/*.csv": _ORGANIZATIONS.encode(),
    f"{IMPORTS}/organizations/*.csv.gz": gzip.compress(_ORGANIZATIONS.encode(), mtime=0),
    f"{IMPORTS}/subscriptions/*.csv": _SUBSCRIPTIONS.encode(),
    f"{IMPORTS}/dismissals/*.csv": _DISMISSALS.encode(),
}
_TOKENS = [b"\x00", b"\xff", b'"', b",", b";", b"\r", b"\n", b"\xef\xbb\xbf", b"sep=;\n", b"NaN"]


def _mutated(data: bytes, draw: random.Random) -> bytes:
    """The bytes after one to four strokes of bad luck."""
    changed = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(changed) + 1)
        size = min(draw.choice([1, 1, 2, 8, 100]), len(changed) - at)
        match draw.randrange(7):
            case 0:
                changed[at : at + size] = draw.randbytes(size)
            case 1:
                del changed[at : at + size]
            case 2:
                changed[at:at] = changed[at : at + size]
            case 3 if at < len(changed):
                changed[at] ^= 1 << draw.randrange(8)
            case 4:
                changed[at:at] = draw.choice(_TOKENS)
            case 5:
                del changed[at:]
            case 6:
                changed = bytearray(draw.choice([_utf16, _cr, bytes, bytes])(bytes(changed)))
    return bytes(changed)


def _utf16(data: bytes) -> bytes:
    return data.decode("latin-1").encode("utf-16-le")


def _cr(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r")


def _drawn(seed: int) -> Iterator[tuple[str, bytes]]:
    draw = random.Random(seed)
    while True:
        pattern, data = draw.choice(list(SAMPLES.items()))
        yield pattern, _mutated(data, draw)


def load_mutated(folder: Path, seed: int, count: int) -> Place:
    """A load of mutated files beside good ones; asserts that every file came to something."""
    place = Place(folder)
    for pattern, data in SAMPLES.items():
        _write(place, pattern, "good", data)
    sent = []
    for number, (pattern, data) in zip(range(count), _drawn(seed), strict=False):
        sent.append(_write(place, pattern, f"{number:05}", data))
    place.quick_load()
    loaded = {row[0] for row in place.rows("loaded_files", "path")}
    refused = {row[0] for row in place.rows("rejected_files", "path")}
    assert {path for path in sent if path not in loaded | refused} == set()
    assert not loaded & refused
    assert {pattern.replace("*", "good") for pattern in SAMPLES} <= loaded
    assert place.rows("rejected_files", "path", "coalesce(detail, '') = ''") == []
    return place


def _write(place: Place, pattern: str, name: str, data: bytes) -> str:
    path = pattern.replace("*", name)
    place.write(path, b"").write_bytes(data)
    return path


def test_mutated_files_are_loaded_or_refused_and_the_others_load(tmp_path: Path) -> None:
    place = load_mutated(tmp_path / "place", seed=1, count=150)
    assert place.rows("rejected_files", "distinct reason") == [
        ("missing_column",),
        ("unreadable_file",),
    ]
    assert HASH in {row[0] for row in place.rows("events", "user_hash")}


@pytest.mark.slow
def test_thousands_of_mutated_files(tmp_path: Path) -> None:
    started, seed = time.monotonic(), random.SystemRandom().randrange(1 << 30)
    for number in range(20):
        load_mutated(tmp_path / f"place-{number}", seed=seed + number, count=250)
        if time.monotonic() - started > 300:
            break


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (files, "line_batches"),
        (rows, "placed"),
        (load, "read_sheet"),
        (load, "apply_rows"),
        (storage, "_unpacked"),
    ],
    ids=lambda item: item if isinstance(item, str) else item.__name__,
)
def test_whatever_is_raised_over_a_file_that_file_alone_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch, owner: ModuleType, name: str
) -> None:
    """No library's error is foreseen: here one raises what nobody has heard of."""
    original = getattr(owner, name)

    def broken(*_args: object, **_options: object) -> None:
        raise LookupError("nobody has heard of this")

    monkeypatch.setattr(
        owner, name, dict.fromkeys(original, broken) if name == "READERS" else broken
    )
    paths = [_write(place, pattern, "a", data) for pattern, data in SAMPLES.items()]
    place.quick_load()
    refused = place.rows("rejected_files", "path, reason, detail")
    loaded = [row[0] for row in place.rows("loaded_files", "path")]
    assert sorted([*loaded, *(row[0] for row in refused)]) == sorted(paths)
    assert refused
    assert {reason for _, reason, _ in refused} == {"unreadable_file"}
    assert all("LookupError: nobody has heard of this" in detail for *_, detail in refused)


@pytest.mark.parametrize(
    ("owner", "name", "fault"),
    [
        (files, "line_batches", duckdb.OutOfMemoryException("out of memory")),
        (files, "open_records", MemoryError()),
        (storage, "_unpacked", OSError(errno.ENOSPC, "no space left on device")),
        (load, "read_sheet", OSError(errno.EMFILE, "too many open files")),
        (load, "apply_rows", pa.ArrowMemoryError("malloc of size 1024 failed")),
    ],
    ids=lambda item: item if isinstance(item, str) else type(item).__name__,
)
def test_a_fault_of_the_machine_is_no_files_fault(
    place: Place, monkeypatch: pytest.MonkeyPatch, owner: ModuleType, name: str, fault: Exception
) -> None:
    def broken(*_args: object, **_options: object) -> None:
        raise fault

    for pattern, data in SAMPLES.items():
        _write(place, pattern, "a", data)
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, broken)
        with pytest.raises(type(fault)):
            place.quick_load()
    place.quick_load()
    assert len(place.rows("loaded_files")) == len(SAMPLES)
    assert place.rows("rejected_files") == []
