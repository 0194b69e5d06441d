"""Lines of JSON dumps as files spell them: line ends, blank, long and deep ones."""

import json
from typing import Any

import pytest

from tests.ingestion.event_cases import GOOD
from tests.ingestion.place import NOW_STORED, Place

EVENTS = "acme/apps/web/events"
MAX_LINE = 1_048_576


def line(**fields: Any) -> str:
    return json.dumps({**GOOD, **fields})


def sized_line(size: int, plan: str) -> bytes:
    """A good line of exactly so many bytes."""
    start = line(plan=plan)[:-1] + ', "x": "'
    return f'{start}{"x" * (size - len(start) - 2)}"}}'.encode()


@pytest.fixture(scope="module")
def loaded(module_place: Place) -> Place:
    place = module_place
    place.write(f"{EVENTS}/bom.jsonl", b"\xef\xbb\xbf" + line(plan="bom").encode())
    place.write(f"{EVENTS}/crlf.jsonl", f"{line(plan='crlf')}\r\n{line(plan='crlf')}\r\n[]\r\n")
    place.write(
        f"{EVENTS}/blank.jsonl",
        f"\n\r\n{line(plan='blank')}\n  \t \n[]\n\n\n{line(plan='blank')}\n\n",
    )
    place.write(
        f"{EVENTS}/long.jsonl",
        b"\n".join(
            [
                sized_line(MAX_LINE, "exact"),
                sized_line(MAX_LINE + 1, "over"),
                sized_line(5 << 20, "five"),
                line(plan="after").encode(),
                sized_line(20 << 20, "twenty"),
                b"x" * (MAX_LINE + 1),
                line(plan="last").encode(),
            ]
        ),
    )
    crlf_lines = [sized_line(MAX_LINE, "crlf exact"), sized_line(MAX_LINE + 1, "crlf over")]
    place.write(f"{EVENTS}/long-crlf.jsonl", b"\r\n".join(crlf_lines) + b"\r\n")
    place.write(f"{EVENTS}/last-long.jsonl", sized_line(12 << 20, "last long"))
    wide = f'{line(plan="wide")[:-1]}, "x": "{"é" * (MAX_LINE // 2)}"}}'
    place.write(f"{EVENTS}/wide.jsonl", wide)
    nested = [line(plan="deep")[:-1] + f', "x": {"[" * n}{"]" * n}}}' for n in (1_000, 500_000)]
    place.write(f"{EVENTS}/deep.jsonl", "\n".join([*nested, nested[1][:-9], line(plan="flat")]))
    place.quick_load()
    return place


def plans_of(place: Place, name: str) -> list[tuple[int, str]]:
    return place.query(
        "select line_number, plan from raw.events where source_path = ? order by all",
        [f"{EVENTS}/{name}"],
    )


def test_byte_order_mark_is_no_part_of_the_first_line(loaded: Place) -> None:
    assert plans_of(loaded, "bom.jsonl") == [(1, "bom")]


def test_carriage_returns_are_part_of_line_ends(loaded: Place) -> None:
    assert plans_of(loaded, "crlf.jsonl") == [(1, "crlf"), (2, "crlf")]
    [row] = loaded.records("rejected_rows", f"path = '{EVENTS}/crlf.jsonl'")
    assert (row["line_number"], row["raw_text"]) == (3, "[]")


def test_blank_lines_are_no_rows_but_are_counted_as_lines(loaded: Place) -> None:
    assert plans_of(loaded, "blank.jsonl") == [(3, "blank"), (8, "blank")]
    assert loaded.rejects(f"{EVENTS}/blank.jsonl") == {5: "not_a_json_object"}
    [row] = loaded.records("loaded_files", f"path = '{EVENTS}/blank.jsonl'")
    assert row["rows_read"] == 3


def test_line_over_a_mebibyte_is_too_long_and_blocks_no_other(loaded: Place) -> None:
    assert plans_of(loaded, "long.jsonl") == [(1, "exact"), (4, "after"), (7, "last")]
    too_long = dict.fromkeys((2, 3, 5, 6), "line_too_long")
    assert loaded.rejects(f"{EVENTS}/long.jsonl") == too_long
    assert plans_of(loaded, "long-crlf.jsonl") == [(1, "crlf exact")]
    assert loaded.rejects(f"{EVENTS}/long-crlf.jsonl") == {2: "line_too_long"}
    assert loaded.rejects(f"{EVENTS}/last-long.jsonl") == {1: "line_too_long"}


def test_length_of_a_line_is_in_bytes(loaded: Place) -> None:
    assert loaded.rejects(f"{EVENTS}/wide.jsonl") == {1: "line_too_long"}


def test_raw_text_of_a_long_line_is_its_start(loaded: Place) -> None:
    rows = loaded.records("rejected_rows", "reasons = 'line_too_long'")
    assert len(rows) == 7
    for row in rows:
        text = row["raw_text"].encode()
        assert 8190 <= len(text) <= 8192
        assert (loaded.landing / row["path"]).read_bytes().count(text) >= 1


def test_deep_nesting_is_a_line_like_others_or_refused(loaded: Place) -> None:
    rejects = loaded.rejects(f"{EVENTS}/deep.jsonl")
    assert rejects.pop(3) == "not_a_json_object"
    # How deep a parser goes is its own affair.
    assert rejects in ({}, {2: "not_a_json_object"}, dict.fromkeys((1, 2), "not_a_json_object"))
    assert (4, "flat") in plans_of(loaded, "deep.jsonl")


def test_refusal_has_the_set_instant(loaded: Place) -> None:
    assert loaded.rows("rejected_rows", "distinct rejected_at") == [(NOW_STORED,)]
