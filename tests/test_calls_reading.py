"""The oracle's reading of calls: single lines worked out by hand, ids, duplicates, conflicts."""

import json
from datetime import datetime, timedelta

import pytest

from tests.oracle.calls.reading import Call, CallFile, CallReader, calls_of
from tests.oracle.calls.values import moment, name_key, sha256
from tests.oracle.inputs import read_seeds
from tests.support.call_reading_cases import ACCEPTED, REJECTED, TEN, mixpanel, track
from tests.support.call_rows import FILE_TIME, call_file
from tests.support.worlds import PROJECT_SEEDS

APPLICATION = {"company_id": "acme", "identity_mode": "user", "pii_policy": "hashed"}
READER = CallReader(APPLICATION, read_seeds(PROJECT_SEEDS))


def accepted(*objects, name: str = "a.jsonl", modified: datetime = FILE_TIME) -> list[Call]:
    calls, rejected, _ = READER.read(call_file(list(objects), name, modified=modified))
    assert not rejected
    return calls


@pytest.mark.parametrize("name", ACCEPTED)
def test_line_is_read(name: str) -> None:
    folder, line, expected = ACCEPTED[name]
    [call] = accepted(line, name=f"{folder or 'x'}/a.jsonl")
    assert {key: call.row[key] for key in expected} == expected


@pytest.mark.parametrize("name", REJECTED)
def test_line_is_rejected(name: str) -> None:
    folder, line, expected = REJECTED[name]
    calls, rejected, read = READER.read(call_file([line], f"{folder or 'x'}/a.jsonl"))
    assert [r.reasons for r in rejected] == [expected]
    assert (len(calls), read) == (0, 1)


@pytest.mark.parametrize(
    "name",
    ["User Signed Up", "user.signed_up", "userSignedUp", "User-Signed-Up", "_user signed.up "],
)
def test_spellings_of_one_name(name: str) -> None:
    assert name_key(name) == "user_signed_up"
    assert name_key("parseHTTPResponse2Go") == "parse_http_response2_go"


def test_times() -> None:
    ten = datetime(2025, 2, 1, 10)
    assert moment(TEN) == moment(str(TEN)) == moment(TEN * 1000) == ten
    assert moment("2025-02-01T12:00:00.250+02:00") == ten + timedelta(milliseconds=250)
    assert moment("2025-02-01 10:00:00") == ten, "a time without a zone is UTC"


def test_event_in_a_batch_of_500_with_one_bad_item() -> None:
    batch = [track(messageId=f"m{n}") for n in range(499)]
    batch.insert(7, "no object")
    calls, rejected, read = READER.read(call_file([{"batch": batch, "sentAt": "x"}, []]))
    assert (len(calls), read) == (499, 500)
    assert [(r.line_number, r.item_number) for r in rejected] == [(1, 8)]


def test_one_insert_id_on_two_devices_or_on_two_events() -> None:
    amplitude = {"event_type": "e", "insert_id": "i", "time": TEN * 1000}
    one, other = accepted({**amplitude, "device_id": "a"}, {**amplitude, "device_id": "b"})
    assert one.sender_id == f"i:{sha256('a')[:16]}" != other.sender_id
    inserted = {"$insert_id": "i"}
    one, other = accepted(mixpanel("e", **inserted), mixpanel("f", **inserted))
    expected = sha256("\n".join(["e", "u", str(TEN * 1000)]))[:16]
    assert one.sender_id == f"i:{expected}" != other.sender_id


def test_the_last_second_of_a_day_exported_twice() -> None:
    last = track(messageId="m", timestamp="2025-02-01T23:59:59Z")
    later = FILE_TIME + timedelta(days=1)
    found = calls_of([accepted(last, modified=later), accepted({**last, "sentAt": "x"})])
    assert [call.received_at for call in found.values()] == [FILE_TIME]


def test_two_calls_of_one_content_without_an_id_are_two_in_a_file_and_one_in_two_files() -> None:
    assert len(calls_of([accepted(track(), track())])) == 2
    assert len(calls_of([accepted(track()), accepted(track())])) == 1


def test_one_id_with_two_contents_is_two_rows() -> None:
    rows = calls_of([accepted(track(messageId="m"), track(messageId="m", event="f"))])
    assert [identity[2] for identity in rows] == ["m", "m"]


def test_policy_allowed_keeps_what_was_sent() -> None:
    reader = CallReader({**APPLICATION, "pii_policy": "allowed"}, read_seeds(PROJECT_SEEDS))
    line = json.dumps(track(properties={"email": "ann@example.com"}))
    [call], _, _ = reader.read(CallFile("acme", "web", "a.jsonl", (line,), FILE_TIME))
    assert call.row["properties"] == {"email": "ann@example.com"}
    assert (call.row["user_id"], call.row["user_hash"]) == ("u", sha256("u"))
