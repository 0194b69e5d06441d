"""Event identity by example: what is one event, what several, and which receipt is kept."""

import json
from datetime import datetime, timedelta
from typing import Any

from tests.ingestion.event_cases import GOOD, HASH
from tests.ingestion.identity_oracle import DumpFile
from tests.ingestion.identity_places import TEN, assert_events, line, write
from tests.ingestion.place import MODIFIED, Place

EVENTS = "acme/apps/web/events"


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
    events = events_after(
        place, [dump(row, row, row)], [dump(row, row)], [dump(row, row, row, row)]
    )
    assert len({event["event_id"] for event in events}) == 4


def test_same_content_of_two_applications_and_companies_is_several_events(place: Place) -> None:
    row = {"event_id": "id-1"}
    other = DumpFile("dmy-co", "web", MODIFIED, ({**GOOD, **row},))
    assert len(events_after(place, [dump(row), dump(row, app_id="mobile"), other])) == 3
    plain = DumpFile("dmy-co", "web", MODIFIED, (GOOD,))
    for number, file in enumerate([dump({}), dump({}, app_id="mobile"), plain], 10):
        write(place, number, file)
    place.quick_load()
    ids = place.rows("events", "event_id", "event_id <> 'id-1'")
    assert len(set(ids)) == 3, "company and application are part of the content"


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


def test_earliest_receipt_is_kept_among_the_rows_of_one_load(place: Place) -> None:
    early, late = TEN - timedelta(hours=1), TEN + timedelta(hours=1)
    with_id = [{"event_id": "id-1", "received_at": moment} for moment in (TEN, early, late)]
    with_time = [{"ts_epoch": 5, "received_at": moment} for moment in (late, early)]
    events_after(
        place,
        [
            dump(*with_id),
            dump({"event_id": "id-2", "received_at": TEN}),
            dump({"event_id": "id-2"}),
        ],
        [dump(with_time[0]), dump(with_time[1])],
        [dump({"event": "timeless"}), dump({"event": "timeless"}, modified=early)],
    )
    assert place.rows("events", "received_at", "event_id = 'id-1'") == [(early,)]
    assert place.rows("events", "received_at", "ts_epoch = 5") == [(early,)]
    assert place.rows("events", "received_at", "event = 'timeless'") == [(min(early, MODIFIED),)]


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
        f'event,user_hash,customer_org_id,ts_epoch,properties\nlogin,{HASH},42,5,"{{""a"": 1}}"\n',
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
    rows += [{"path": "/a\x1f|b"}, {"path": "/a", "session_id": "b\x1f|\x1f0"}]
    for mark in ("\x1f", "\x1f|", "\x1f\x1f"):
        rows.append({"path": f"/a{mark}b", "session_id": "c"})
        rows.append({"path": "/a", "session_id": f"b{mark}c"})
    rows += [{"plan": "\x1f0"}, {"plan": None}, {"session_id": "\x1f\x1f0"}]
    # A file each: within one file, rows of one content are several events anyway.
    assert len(events_after(place, [dump(row) for row in rows])) == len(rows)


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
