"""Rows that are written at once and rows that wait in the work table give the same raw tables."""

import errno
import json
import threading
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.dumps import chunks, validation
from ingestion.reading import lines
from tests.ingestion.event_cases import GOOD, RECEIVED
from tests.ingestion.place import MODIFIED, Place
from tests.ingestion.test_recovery import Tables, tables_of

EVENTS = "acme/apps/web/events"
DERIVED = "0123456789abcdef0123456789abcdef"
# Few values, so that rows have twins; and lines of which a parser may think differently.
_GOOD_LINES = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["a", "b", "true", "12"]),
        "customer_org_id": st.sampled_from(["1", 1, 42.0, " x "]),
    },
    optional={
        "event_id": st.sampled_from(["i", "j", DERIVED, f"{DERIVED}-2"]),
        "ts_epoch": st.sampled_from([1_714_557_600, "1714557600", -1]),
        "received_at": st.sampled_from([RECEIVED, "2024-05-01T09:00:00.5Z", 1_714_557_600, "soon"]),
        "properties": st.sampled_from([{}, {"a": "NaN, ]"}, {"a": [1, {"b": None}]}, [], ""]),
        "plan": st.sampled_from(["p\x1fq", "é" * 40, 5, None]),
    },
).map(lambda fields: json.dumps({**GOOD, **fields}).encode())
_ODD_LINES = st.sampled_from(
    [b"", b"  ", b"[]", b"5", b"{", b'{"a":1,}', b'{"event":NaN}', b"null", b"{}", b"x" * 3000]
)
_FILES = st.lists(st.lists(_GOOD_LINES | _ODD_LINES, max_size=8), min_size=1, max_size=4)


def load(files: list[list[bytes]], min_copied_rows: int, block_bytes: int) -> Tables:
    """The raw tables of files that arrive in two loads; the second has one of the first again."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "MIN_COPIED_ROWS", min_copied_rows)
        patch.setattr(chunks, "CHUNK_BYTES", block_bytes)
        patch.setattr(lines, "BLOCK_BYTES", block_bytes)
        place = Place(Path(folder) / "place")
        for number, content in enumerate([*files, files[0]]):
            text = b"\n".join(content)
            place.write(f"{EVENTS}/{number}.jsonl", text, MODIFIED + timedelta(hours=number))
            if number == 0:
                place.write(f"{EVENTS}/broken.jsonl", text + b"\n\xff", MODIFIED)
                place.quick_load()
        place.quick_load()
        return tables_of(place)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_FILES)
def test_it_makes_no_difference_where_a_row_waits(files: list[list[bytes]]) -> None:
    in_table = load(files, min_copied_rows=1_000_000, block_bytes=1 << 20)
    assert load(files, min_copied_rows=1, block_bytes=1 << 20) == in_table
    assert load(files, min_copied_rows=1, block_bytes=300) == in_table


def test_files_of_one_form_share_a_chunk(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    monkeypatch.setattr(
        validation.Validators, "_keep", lambda _, chunk: taken.append(len(chunk.rows))
    )
    for number in range(5):
        row = f"a,{GOOD['user_hash']},o\n"
        place.write(f"{EVENTS}/{number}.csv", "event,user_hash,customer_org_id\n" + row)
        place.write(f"{EVENTS}/{number}.jsonl", json.dumps(GOOD))
    place.quick_load()
    assert sorted(taken) == [5, 5]


def test_a_fault_of_the_machine_ends_the_readers_and_the_load(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(validation.Validators, "_keep", fail)
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1)
    monkeypatch.setattr(lines, "BLOCK_BYTES", 400)
    place.write(f"{EVENTS}/a.jsonl", f"{json.dumps(GOOD)}\n" * 200)
    with pytest.raises(Exception, match="no space left"):
        place.quick_load()
    names = [thread.name for thread in threading.enumerate()]
    assert [name for name in names if name.startswith(chunks.READER_NAME)] == []
