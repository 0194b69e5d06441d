"""Every rule of an event in every format: what breaks it, and what barely does not."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from tests.ingestion.event_cases import TEXT_CASES, Case
from tests.ingestion.json_cases import JSON_CASES, NOT_OBJECTS, STILL_OBJECTS
from tests.ingestion.place import Place, csv_text, parquet_bytes

EVENTS = "acme/apps/web/events"
COLUMNS = sorted({name for case in TEXT_CASES for name in case.row} - {"Event"})
PADDING_BYTES = len('{"x":""}')
LIMIT = 1_048_576


def as_json(case: Case) -> str:
    """The row as JSON lines hold it; JSON text in ``properties`` becomes what it says."""
    row = dict(case.row)
    text = row.pop("properties", None)
    if text is None or case in JSON_CASES:
        return json.dumps({**row, **({} if text is None else {"properties": text})})
    sent = text if text.startswith(("{", "[", "5")) else json.dumps(text)
    return json.dumps(row)[:-1] + f', "properties": {sent}}}'


def write_cases(place: Place) -> None:
    # JSON that is broken inside ``properties`` breaks its line: other tests have that.
    text_cases = [case for case in TEXT_CASES if case.name not in BROKEN_AS_JSON]
    place.write(f"{EVENTS}/text.jsonl", "\n".join(as_json(case) for case in text_cases))
    place.write(f"{EVENTS}/typed.ndjson.gz", "\n".join(as_json(case) for case in JSON_CASES))
    place.write(f"{EVENTS}/text.csv", csv_text(COLUMNS, [case.row for case in TEXT_CASES]))
    place.write(
        f"{EVENTS}/semicolons.csv", csv_text(COLUMNS, [case.row for case in TEXT_CASES], ";")
    )
    table = pa.table(
        {
            name: pa.array([case.row.get(name) for case in TEXT_CASES], pa.string())
            for name in COLUMNS
        }
    )
    place.write(f"{EVENTS}/text.parquet", parquet_bytes(table))
    place.write(f"{EVENTS}/malformed.jsonl", b"\n".join(NOT_OBJECTS.values()))
    place.write(f"{EVENTS}/odd.jsonl", b"\n".join(STILL_OBJECTS.values()))


BROKEN_AS_JSON = {"properties broken", "properties with NaN", "properties with a last comma"}


@pytest.fixture(scope="module")
def loaded(module_place: Place) -> Place:
    write_cases(module_place)
    module_place.load()
    return module_place


def outcome_by_line(cases: list[Case], first_line: int = 1) -> dict[int, tuple[str, str]]:
    return {line: (case.name, case.reasons) for line, case in enumerate(cases, first_line)}


@pytest.mark.parametrize(
    ("name", "cases", "first_line"),
    [
        (
            "text.jsonl",
            lambda: [case for case in TEXT_CASES if case.name not in BROKEN_AS_JSON],
            1,
        ),
        ("typed.ndjson.gz", lambda: list(JSON_CASES), 1),
        ("text.csv", lambda: list(TEXT_CASES), 2),
        ("semicolons.csv", lambda: list(TEXT_CASES), 2),
        ("text.parquet", lambda: list(TEXT_CASES), 1),
    ],
)
def test_each_row_is_refused_for_its_reasons_or_accepted(
    loaded: Place, name: str, cases: Callable[[], list[Case]], first_line: int
) -> None:
    rejects = loaded.rejects(f"{EVENTS}/{name}")
    expected = outcome_by_line(cases(), first_line)
    found = {line: (case, rejects.pop(line, "")) for line, (case, _) in expected.items()}
    assert {k: v for k, v in found.items() if v != expected[k]} == {}, "found, where it differs"
    assert rejects == {}


@pytest.mark.parametrize("name", NOT_OBJECTS)
def test_line_that_is_no_json_object_is_refused(loaded: Place, name: str) -> None:
    line = list(NOT_OBJECTS).index(name) + 1
    assert loaded.rejects(f"{EVENTS}/malformed.jsonl").get(line) == "not_a_json_object"


@pytest.mark.parametrize("name", STILL_OBJECTS)
def test_line_that_only_looks_malformed_is_accepted(loaded: Place, name: str) -> None:
    line = list(STILL_OBJECTS).index(name) + 1
    assert line not in loaded.rejects(f"{EVENTS}/odd.jsonl")


def test_figures_of_each_file_add_up(loaded: Place) -> None:
    figures = loaded.records("loaded_files")
    assert len(figures) == 7
    for row in figures:
        assert row["rows_read"] == (
            row["rows_accepted"] + row["rows_rejected"] + row["rows_duplicate"]
        ), row["path"]
    rejected = {row["path"]: row["rows_rejected"] for row in figures}
    assert rejected[f"{EVENTS}/malformed.jsonl"] == len(NOT_OBJECTS)
    assert rejected[f"{EVENTS}/text.csv"] == sum(case.reasons != "" for case in TEXT_CASES)


def test_rejected_row_tells_where_it_came_from(loaded: Place) -> None:
    path = f"{EVENTS}/malformed.jsonl"
    row = next(
        row
        for row in loaded.records("rejected_rows", f"path = '{path}'")
        if row["line_number"] == 1
    )
    assert (row["company_id"], row["app_id"], row["source"]) == ("acme", "web", "events")
    assert row["raw_text"] == "[1]"
    assert row["resolved_at"] is None
    [load_id] = {row["load_id"] for row in loaded.records("loaded_files")}
    assert row["load_id"] == row["_dlt_load_id"] == load_id


def test_raw_text_is_the_first_8_kilobytes_of_the_row(loaded: Place) -> None:
    texts = [text for (text,) in loaded.query("select raw_text from raw.rejected_rows")]
    assert max(len(text.encode()) for text in texts) <= 8192
    for name, first_line in (("text.jsonl", 1), ("text.csv", 2)):
        lines = (loaded.landing / EVENTS / name).read_bytes().split(b"\n")
        row = loaded.query(
            "select line_number, raw_text from raw.rejected_rows where path = ? and reasons = "
            "'properties_too_large' order by line_number desc limit 1",
            [f"{EVENTS}/{name}"],
        )
        [(number, text)] = row
        assert len(text) > 4000
        assert lines[number - 1].startswith(text.encode()), first_line


def test_no_accepted_event_breaks_a_rule(loaded: Place) -> None:
    """A second look at what was let in, by plain SQL."""
    broken = loaded.query(
        """select * from raw.events where length(event) not between 1 and 255
            or length(user_hash) <> 64 or length(customer_org_id) not between 1 and 255
            or customer_org_id <> trim(customer_org_id) or path not like '/%' or ts_epoch < 0
            or length(path) > 2048 or length(session_id) not between 1 and 255
            or length(environment) not between 1 and 32 or length(plan) not between 1 and 255
            or length(event_id) not between 1 and 255 or strlen(properties) > 32768
            or ts_epoch > epoch(received_at) + 366 * 86400"""
    )
    assert broken == []


def test_files_stay_as_they_were(loaded: Place, tmp_path: Path) -> None:
    untouched = Place(tmp_path / "untouched")
    write_cases(untouched)
    for file in loaded.landing.rglob("*.*"):
        twin = untouched.landing / file.relative_to(loaded.landing)
        if file.suffix not in (".gz", ".parquet"):
            assert file.read_bytes() == twin.read_bytes()
    assert len(list(loaded.landing.rglob("*.*"))) == len(list(untouched.landing.rglob("*.*")))
