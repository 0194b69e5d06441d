"""Event identity: the same events whatever the order and the grouping in which files arrive."""

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingestion.event_cases import GOOD, HASH
from tests.ingestion.identity_oracle import (
    CONTENT_FIELDS,
    DumpFile,
    Event,
    conflicting_ids,
    expected_events,
)
from tests.ingestion.place import MODIFIED, Place

EVENTS = "acme/apps/web/events"
TEN = datetime(2024, 5, 1, 10)

_MOMENTS = st.sampled_from([TEN, TEN + timedelta(seconds=1), TEN - timedelta(days=2)])
# Few values each, so that rows often are the same or nearly.
_ROWS = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["a", "b"]),
        "user_hash": st.just(HASH),
        "customer_org_id": st.sampled_from(["1", 1, 1.0, " 1 ", "org"]),
    },
    optional={
        "ts_epoch": st.sampled_from([0, 1_714_557_600, "1714557600", 1714557600.0, ""]),
        "received_at": _MOMENTS,
        "event_id": st.sampled_from(["id-1", "id-2", ""]),
        "environment": st.sampled_from(["", "production", "test"]),
        "plan": st.sampled_from(["", "pro"]),
        "properties": st.sampled_from([{}, {"a": 1}]),
    },
)
_FILES = st.builds(
    DumpFile,
    company_id=st.sampled_from(["acme", "dmy-co"]),
    app_id=st.just("web"),
    modified=st.sampled_from([MODIFIED, MODIFIED + timedelta(hours=1)]),
    rows=st.lists(_ROWS, min_size=1, max_size=5).map(tuple),
)


def line(row: dict[str, Any]) -> str:
    received = row.get("received_at")
    return json.dumps({**row, **({"received_at": f"{received.isoformat()}Z"} if received else {})})


def write(place: Place, number: int, file: DumpFile) -> str:
    path = f"{file.company_id}/apps/{file.app_id}/events/{number}.jsonl"
    place.write(path, "\n".join(line(row) for row in file.rows), file.modified)
    return path


def stored_events(place: Place, expected: dict[Event, datetime]) -> Counter[Any]:
    """What the warehouse holds, in the oracle's words but for the occurrence."""
    columns = ", ".join(f"events.{field}" for field in CONTENT_FIELDS)
    sender_ids = {event.sender_id for event in expected} - {None}
    rows = place.query(
        f"""select events.company_id, events.app_id, events.event_id, {columns}, least(
                events.received_at, (
                    select min(receipts.received_at) from raw.event_receipts as receipts
                    where receipts.company_id = events.company_id
                        and receipts.app_id = events.app_id
                        and receipts.event_id = events.event_id
                        and receipts.content_hash = events.content_hash))
        from raw.events as events"""
    )
    return Counter(
        (company, app, event_id if event_id in sender_ids else None, tuple(content), received)
        for company, app, event_id, *content, received in rows
    )


def told_alike(expected: dict[Event, datetime]) -> Counter[Any]:
    return Counter(
        (event.company_id, event.app_id, event.sender_id, event.content[:-1], received)
        for event, received in expected.items()
    )


def assert_events(place: Place, files: list[DumpFile]) -> None:
    expected = expected_events(files)
    assert stored_events(place, expected) == told_alike(expected)
    key = "company_id, app_id, event_id, content_hash"
    assert place.query(f"select {key} from raw.events group by all having count(*) > 1") == []
    collisions = set(place.rows("event_id_collisions", "distinct company_id, app_id, event_id"))
    assert collisions == conflicting_ids(expected)
    ids = Counter((event.company_id, event.app_id) for event in expected if not event.sender_id)
    found = Counter(
        (company, app)
        for company, app, _ in place.query(
            """select distinct company_id, app_id, event_id from raw.events
            where event_id not like 'id-%'"""
        )
    )
    assert found == ids, "each event without a sender's id has an id of its own"
    assert_figures(place, files)


def assert_figures(place: Place, files: list[DumpFile]) -> None:
    figures = place.records("loaded_files")
    for row in figures:
        assert row["rows_read"] == (
            row["rows_accepted"] + row["rows_rejected"] + row["rows_duplicate"]
        )
    assert sum(row["rows_read"] for row in figures) == sum(len(file.rows) for file in files)
    [(events,)] = place.query("select count(*) from raw.events")
    assert sum(row["rows_accepted"] for row in figures) == events


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.lists(_FILES, min_size=1, max_size=5))
def test_events_do_not_depend_on_order_or_grouping(data: st.DataObject, files: list[DumpFile]) -> None:
    order = data.draw(st.permutations(range(len(files))), "order of arrival")
    breaks = data.draw(st.lists(st.booleans(), min_size=len(files), max_size=len(files)), "loads")
    with TemporaryDirectory() as folder:
        place = Place(Path(folder) / "place")
        for number, is_load in zip(order, breaks, strict=True):
            write(place, number, files[number])
            if is_load:
                place.quick_load()
        place.quick_load()
        assert_events(place, files)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_FILES, min_size=1, max_size=3))
def test_events_sent_again_in_other_files_are_duplicates(files: list[DumpFile]) -> None:
    with TemporaryDirectory() as folder:
        place = Place(Path(folder) / "place")
        for number, file in enumerate([*files, *files]):
            write(place, number, file)
        place.quick_load()
        again = [DumpFile(f.company_id, f.app_id, f.modified, f.rows) for f in files]
        for number, file in enumerate(again, 100):
            write(place, number, file)
        place.quick_load()
        assert_events(place, [*files, *files, *again])


def dump(*rows: dict[str, Any], modified: datetime = MODIFIED, app_id: str = "web") -> DumpFile:
    return DumpFile("acme", app_id, modified, tuple({**GOOD, **row} for row in rows))


def events_after(place: Place, *loads: list[DumpFile]) -> list[dict[str, Any]]:
    number = 0
    for files in loads:
        for file in files:
            write(place, number, file)
            number += 1
        place.quick_load()
    assert_events(place, [file for files in loads for file in files])
    return place.records("events")


def test_identical_lines_of_one_file_are_several_events(place: Place) -> None:
    row = {"ts_epoch": 5}
    events = events_after(place, [dump(row, row, row)], [dump(row, row)], [dump(row, row, row, row)])
    assert len({event["event_id"] for event in events}) == 4


def test_same_content_of_two_applications_and_companies_is_several_events(place: Place) -> None:
    row = {"event_id": "id-1"}
    other = DumpFile("dmy-co", "web", MODIFIED, ({**GOOD, **row},))
    assert len(events_after(place, [dump(row), dump(row, app_id="mobile"), other])) == 3


def test_id_with_other_contents_keeps_all_of_them(place: Place) -> None:
    first = {"event_id": "id-1", "received_at": TEN}
    events = events_after(
        place,
        [dump({**first, "plan": "a"}, {**first, "plan": "a"})],
        [dump({**first, "plan": "b"}), dump({**first, "plan": "b", "environment": "test"})],
    )
    assert len(events) == 3
    assert len({event["content_hash"] for event in events}) == 3


def test_earliest_receipt_is_kept_whichever_comes_first(place: Place) -> None:
    early, late = TEN - timedelta(hours=1), TEN + timedelta(hours=1)
    rows = [{"event_id": "id-1", "received_at": moment} for moment in (TEN, late, early, TEN)]
    events_after(place, *[[dump(row)] for row in rows])
    by_time = [{"ts_epoch": 5, "received_at": moment} for moment in (late, early)]
    place.write("acme/apps/mobile/events/x.jsonl", line({**GOOD, **by_time[0]}))
    place.quick_load()
    place.write("acme/apps/mobile/events/y.jsonl", line({**GOOD, **by_time[1]}))
    place.quick_load()
    receipts = place.rows("event_receipts", "received_at", "app_id = 'mobile'")
    assert receipts == [(early,)]


def test_without_a_time_and_an_id_the_receipt_tells_rows_apart(place: Place) -> None:
    rows = [{"received_at": TEN}, {"received_at": TEN + timedelta(seconds=1)}, {}]
    assert len(events_after(place, [dump(row) for row in rows])) == 3


def test_receipt_in_another_spelling_is_the_same(place: Place) -> None:
    spellings = ["2024-05-01T10:00:00Z", "2024-05-01T12:00:00+02:00", 1714557600, "1714557600"]
    for number, spelling in enumerate(spellings):
        text = json.dumps({**GOOD, "received_at": spelling})
        place.write(f"{EVENTS}/{number}.jsonl", text)
    place.quick_load()
    assert place.rows("events", "received_at") == [(TEN,)]


def test_formats_and_spellings_of_one_event_are_one_event(place: Place) -> None:
    place.write(
        f"{EVENTS}/a.csv",
        f"event,user_hash,customer_org_id,ts_epoch,properties\nlogin,{HASH},42,5,\"{{\"\"a\"\": 1}}\"\n",
    )
    sent = {**GOOD, "customer_org_id": 42.0, "ts_epoch": 5.0, "environment": "production"}
    place.write(f"{EVENTS}/b.jsonl", json.dumps({**sent, "properties": {"a": 1}, "other": 1}))
    place.quick_load()
    assert place.rows("events", "count(*)") == [(1,)]


def test_values_cannot_be_shifted_from_one_field_into_another(place: Place) -> None:
    separators = ["\x1f", "\x1f\x1f", "\x1f0", "\x1f|", "|", "\\", "\x00"]
    rows = [{"event": f"e{mark}", "path": None, "plan": "p"} for mark in separators]
    rows += [{"event": "e", "session_id": mark, "plan": "p"} for mark in separators]
    rows += [{"event": "e", "session_id": "p", "plan": mark} for mark in separators]
    rows += [{"event": "e", "session_id": None, "plan": "p"}, {"event": "e", "session_id": "p"}]
    assert len(events_after(place, [dump(*rows)])) == len(rows)


def test_sender_may_use_a_derived_id_as_its_own(place: Place) -> None:
    plain = {"received_at": TEN}
    place.write(f"{EVENTS}/a.jsonl", line({**GOOD, **plain}))
    place.quick_load()
    [(derived,)] = place.rows("events", "event_id")
    place.write(f"{EVENTS}/b.jsonl", line({**GOOD, "event_id": derived, "plan": "other"}))
    place.quick_load()
    assert place.rows("event_id_collisions", "distinct event_id") == [(derived,)]
    # The other way round: the sender's row is there first.
    place.write("acme/apps/mobile/events/a.jsonl", line({**GOOD, "event_id": "0" * 32}))
    place.quick_load()
    assert place.rows("events", "count(*)", "app_id = 'mobile'") == [(1,)]


def test_changed_file_is_deduplicated_by_its_events(place: Place) -> None:
    row, other = {**GOOD, "ts_epoch": 5}, {**GOOD, "ts_epoch": 6}
    place.write(f"{EVENTS}/a.jsonl", "\n".join(map(line, [row, row])))
    place.quick_load()
    later = MODIFIED + timedelta(hours=1)
    place.write(f"{EVENTS}/a.jsonl", "\n".join(map(line, [row, row, other])), later)
    place.quick_load()
    assert place.rows("events", "ts_epoch") == [(5,), (5,), (6,)]
    figures = place.records("loaded_files")
    assert [(f["rows_read"], f["rows_accepted"], f["rows_duplicate"]) for f in figures] == [
        (2, 2, 0),
        (3, 1, 2),
    ]
