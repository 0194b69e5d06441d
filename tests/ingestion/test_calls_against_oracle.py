"""Loaded calls are the rows that the definitions make of their files."""

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingestion.call_places import assert_calls, give_reference_data, rejects, write
from tests.ingestion.place import MODIFIED, Place
from tests.oracle.calls.reading import CallFile
from tests.support import worked_example as example
from tests.support.call_reading_cases import ACCEPTED, REJECTED, Case, track
from tests.support.call_rows import call_file
from tests.support.call_stories import stories, written_stories
from tests.support.call_writers import vendors_of, written_by

CASES = {**ACCEPTED, **REJECTED}
D = date(2024, 4, 30)


def file_of(number: int, case: Case) -> CallFile:
    folder, line, _ = case
    return call_file([line], f"{folder or 'any'}/{number}.jsonl", modified=MODIFIED)


@pytest.fixture(scope="module")
def loaded(module_place: Place) -> Place:
    """Every single line that was worked out by hand, in a file of its own."""
    give_reference_data(module_place)
    for number, case in enumerate(CASES.values()):
        write(module_place, file_of(number, case))
    module_place.quick_load()
    return module_place


@pytest.mark.parametrize("name", ACCEPTED)
def test_line_is_stored(loaded: Place, name: str) -> None:
    path = f"acme/apps/web/calls/{file_of(list(CASES).index(name), ACCEPTED[name]).path}"
    [row] = loaded.records("calls", f"source_path = '{path}'")
    for key, value in ACCEPTED[name][2].items():
        stored = row[key]
        is_json = key in ("groups", "traits", "properties") and stored is not None
        assert (json.loads(stored) if is_json else stored) == value, key


@pytest.mark.parametrize("name", REJECTED)
def test_line_is_quarantined_for_its_reasons(loaded: Place, name: str) -> None:
    file = file_of(list(CASES).index(name), REJECTED[name])
    [(line, _, reasons)] = rejects(loaded, f"acme/apps/web/calls/{file.path}")
    assert (line, reasons) == (1, REJECTED[name][2])


def test_all_lines_together(loaded: Place) -> None:
    assert_calls(loaded, [file_of(number, case) for number, case in enumerate(CASES.values())])


def test_event_in_a_batch_of_500_with_one_bad_item(place: Place) -> None:
    give_reference_data(place)
    batch = [track(messageId=f"m{n}") for n in range(499)]
    batch.insert(7, "no object")
    file = call_file([{"batch": batch}, [], track(event="")], "segment/batch.jsonl")
    path = write(place, file)
    place.quick_load()
    assert_calls(place, [file])
    assert rejects(place, path) == [(1, 8, "not_a_json_object"), (3, None, "event_missing")]


def test_worked_example_is_loaded(place: Place) -> None:
    """Its files as the vendors write them: what the account rules are then tried on."""
    give_reference_data(place)
    parts = (example.segment_groups(), example.segment_calls(), example.other_vendors())
    files = [call_file(objects, f"{number}.jsonl") for number, objects in enumerate(parts)]
    for file in reversed(files):
        write(place, file)
        place.quick_load()
    assert_calls(place, files)
    assert len(place.records("calls")) == 18, "seven that say who is who, eleven of usage"


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), written_stories(D, longest=24))
def test_stories_in_any_order_and_grouping(data: st.DataObject, written: list) -> None:
    _check_story(data, written)


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), written_stories(D, longest=24))
def test_many_stories_in_any_order_and_grouping(data: st.DataObject, written: list) -> None:
    _check_story(data, written)


def _check_story(data: st.DataObject, written: list) -> None:
    files = []
    for number, (vendor, call) in enumerate(written):
        app_id = data.draw(st.sampled_from(["web", "web", "mobile"]))
        copies = data.draw(st.sampled_from([1, 1, 1, 2]))
        modified = MODIFIED + timedelta(hours=data.draw(st.integers(0, 2)))
        path = f"{vendor}/{number}.jsonl"
        files.append(call_file([call] * copies, path, app_id=app_id, modified=modified))
    again = [replace(f, path=f.path.replace(".jsonl", "-again.jsonl")) for f in files[::3]]
    arriving = data.draw(st.permutations([*files, *again]))
    with TemporaryDirectory() as folder:
        place = Place(Path(folder) / "place")
        give_reference_data(place)
        for number, file in enumerate(arriving):
            write(place, file)
            if number % 9 == 8:
                place.quick_load()
        place.quick_load()
        assert_calls(place, arriving)


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(stories(D, longest=20))
def test_every_vendor_says_the_same(story: list) -> None:
    free = "call_id, content_hash, vendor, path, session_id, source_path, line_number, item_number"
    with TemporaryDirectory() as folder:
        place = Place(Path(folder) / "place")
        give_reference_data(place)
        for number, call in enumerate(story):
            for vendor in vendors_of(call):
                written = call_file([written_by(vendor, call)], f"{vendor}/{number}.jsonl")
                write(place, written)
        place.quick_load()
        for number, call in enumerate(story):
            also_free = ", properties" if call.kind in ("page", "screen") else ""
            rows = place.query(
                f"select * exclude ({free}, _dlt_load_id, loaded_at, received_at{also_free})"
                " from raw.calls where source_path like ?",
                [f"%/{number}.jsonl"],
            )
            # Without an id of the sender's, equal calls of two files are one.
            is_written_once = sum(replace(other, name=call.name) == call for other in story) == 1
            assert len(rows) == len(vendors_of(call)) or not is_written_once
            assert all(one == other for one, other in pairwise(rows)), call
