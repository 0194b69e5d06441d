"""Calls of every vendor: one canonical row, written here by hand from the contract."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.ingestion.place import MODIFIED, SEEDS, Place

CALLS = "acme/apps/web/calls"
TIME, RECEIVED = "2024-05-01T09:00:00.250Z", "2024-05-01T09:00:02Z"
STORED_TIME = datetime(2024, 5, 1, 9, 0, 0, 250_000)
EMAIL_HASH = "sha256:" + hashlib.sha256(b"ann@example.com").hexdigest()


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


SEGMENT = {
    "type": "track",
    "event": "task.completed",
    "userId": "usr_1",
    "anonymousId": "anon_1",
    "messageId": "m-1",
    "timestamp": TIME,
    "receivedAt": RECEIVED,
    "context": {"groupId": "proj_123", "sessionId": 17, "page": {"url": "https://x.io/a/b?c=d#e"}},
    "properties": {"task_id": "task_456"},
}
AMPLITUDE = {
    "event_type": "task.completed",
    "user_id": "usr_1",
    "device_id": "anon_1",
    "uuid": "m-1",
    "event_time": "2024-05-01 09:00:00.250000",
    "server_received_time": "2024-05-01 09:00:02",
    "session_id": 17,
    "groups": {"project": ["proj_123"]},
    "event_properties": {"task_id": "task_456"},
    "user_properties": {"email": "ann@example.com"},
}
MIXPANEL = {
    "event": "task.completed",
    "properties": {
        "distinct_id": "usr_1",
        "$device_id": "anon_1",
        "$insert_id": "m-1",
        "time": 1_714_554_000.25,
        "mp_processing_time_ms": 1_714_554_002_000,
        "$groups": {"project": "proj_123"},
        "$current_url": "https://x.io/a/b",
        "mp_lib": "web",
        "task_id": "task_456",
    },
}
POSTHOG = {
    "event": "task.completed",
    "distinct_id": "usr_1",
    "uuid": "m-1",
    "timestamp": "2024-05-01T11:00:00.250+02:00",
    "created_at": RECEIVED,
    "properties": {
        "$anon_distinct_id": "anon_1",
        "$groups": {"project": "proj_123"},
        "$pathname": "/a/b",
        "$session_id": "s",
        "$lib": "web",
        "task_id": "task_456",
    },
}
TRACKS = {"segment": SEGMENT, "amplitude": AMPLITUDE, "mixpanel": MIXPANEL, "posthog": POSTHOG}
OWN_IDS = {
    "mixpanel": "m-1:" + hashed("task.completed\nusr_1\n1714554000250")[:16],
}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "place")


def lines(*items: Any) -> str:
    return "".join(f"{json.dumps(item)}\n" for item in items)


def loaded(place: Place, *items: Any, path: str = f"{CALLS}/a.jsonl") -> list[dict[str, Any]]:
    """The rows of raw.calls of one file; traits, properties and groups as objects."""
    place.write(path, lines(*items))
    place.quick_load()
    rows = sorted(
        place.records("calls"), key=lambda row: (row["line_number"], row["item_number"] or 0)
    )
    for row in rows:
        for name in ("groups", "traits", "properties"):
            row[name] = json.loads(row[name]) if row[name] else None
    return rows


def reasons(place: Place, *items: Any, path: str = f"{CALLS}/a.jsonl") -> list[str]:
    """The reasons of each row of one file, '' where it was accepted."""
    place.write(path, lines(*items))
    place.quick_load()
    found = place.query(
        "select line_number, item_number, '' from raw.calls union all"
        " select line_number, item_number, reasons from raw.rejected_rows order by all"
    )
    return [row[2] for row in found]


@pytest.mark.parametrize("is_in_folder", [False, True], ids=["by shape", "by folder"])
def test_one_call_of_every_vendor_is_one_row(place: Place, is_in_folder: bool) -> None:
    for vendor, call in TRACKS.items():
        folder = f"{CALLS}/{vendor}/" if is_in_folder else f"{CALLS}/"
        place.write(f"{folder}{vendor}.jsonl", lines(call))
    place.quick_load()
    assert place.rows("rejected_rows") == []
    rows = {row["vendor"]: row for row in place.records("calls")}
    assert set(rows) == set(TRACKS)
    for vendor, row in rows.items():
        assert row["call_id"] == OWN_IDS.get(vendor, "m-1")
        assert (row["kind"], row["event"]) == ("track", "task.completed")
        assert row["user_hash"] == hashed("usr_1")
        assert row["anonymous_hash"] == hashed("anon_1")
        assert (row["user_id"], row["previous_hash"], row["traits"]) == (None, None, None)
        assert json.loads(row["properties"]) == {"task_id": "task_456"}
        type_ = "" if vendor == "segment" else "project"
        assert json.loads(row["groups"]) == {type_: ["proj_123"]}
        assert row["occurred_at"] == STORED_TIME
        assert row["received_at"] == datetime(2024, 5, 1, 9, 0, 2)
        assert row["path"] == (None if vendor == "amplitude" else "/a/b")
        assert not row["is_automatic"]
    session = f"{hashed('anon_1')[:16]}-17"
    assert {vendor: row["session_id"] for vendor, row in rows.items()} == {
        "segment": session,
        "amplitude": session,
        "mixpanel": None,
        "posthog": "s",
    }


def test_traits_have_name_keys_and_one_level(place: Place) -> None:
    [row] = loaded(
        place,
        {
            "type": "identify",
            "userId": 42.0,
            "context": {"traits": {"role": "Member", "plan": "pro"}},
            "traits": {
                "email": "Ann@Example.com ",
                "role": "Admin",
                "createdAt": 1,
                "company": {"id": "acc_1", "name": "Acme", "phone": "+1", "deep": {"a": 1}},
                "title": None,
                "address": {"street": "A"},
                "manager": "ann@example.com",
            },
        },
    )
    assert row["user_hash"] == hashed("42")
    assert row["traits"] == {
        "set": {
            "account_id": "acc_1",
            "address": "sha256:" + hashed('{"street":"a"}'),
            "company_deep": {"a": 1},
            "company_name": "Acme",
            "company_phone": "sha256:" + hashed("+1"),
            "created_at": 1,
            "email": EMAIL_HASH,
            "manager": EMAIL_HASH,
            "plan": "pro",
            "role": "Admin",
        },
        "unset": ["title"],
    }
    assert (row["received_at"], row["is_time_sent"]) == (MODIFIED, False)


GROUP_CALLS = {
    "segment": {
        "type": "group",
        "groupId": "ws_1",
        "traits": {"groupType": "workspace", "name": "W"},
    },
    "amplitude": {
        "event_type": "$groupidentify",
        "groups": {"workspace": "ws_1"},
        "group_properties": {"$set": {"name": "W"}},
    },
    "mixpanel": {"$group_key": "workspace", "$group_id": "ws_1", "$set": {"name": "W"}},
    "posthog": {
        "event": "$groupidentify",
        "distinct_id": "$workspace_ws_1",
        "properties": {
            "$group_type": "workspace",
            "$group_key": "ws_1",
            "$group_set": {"name": "W"},
        },
    },
}


@pytest.mark.parametrize("vendor", GROUP_CALLS)
def test_a_group_call_sets_the_traits_of_its_group(place: Place, vendor: str) -> None:
    [row] = loaded(place, GROUP_CALLS[vendor])
    assert (row["vendor"], row["kind"]) == (vendor, "group")
    assert row["groups"] == {"workspace": ["ws_1"]}
    assert row["traits"] == {"set": {"group_type": "workspace", "name": "W"}}
    assert row["properties"] is None


IDENTIFY_CALLS = {
    "amplitude": {
        "user_id": "usr_1",
        "user_properties": {
            "$set": {"plan": "pro"},
            "$setOnce": {"first": 1},
            "$unset": {"old": "-"},
            "$add": {"n": 1},
        },
    },
    "mixpanel": {
        "$distinct_id": "usr_1",
        "$set": {"plan": "pro"},
        "$set_once": {"first": 1},
        "$unset": ["old"],
    },
    "posthog": {
        "event": "$set",
        "distinct_id": "usr_1",
        "properties": {"$set": {"plan": "pro"}, "$unset": ["old"]},
        "$set_once": {"first": 1},
    },
}


@pytest.mark.parametrize("vendor", IDENTIFY_CALLS)
def test_operations_of_an_identify_call(place: Place, vendor: str) -> None:
    [row] = loaded(place, IDENTIFY_CALLS[vendor])
    assert (row["vendor"], row["kind"], row["user_hash"]) == (vendor, "identify", hashed("usr_1"))
    assert row["traits"] == {"set": {"plan": "pro"}, "set_once": {"first": 1}, "unset": ["old"]}


ALIASES = {
    "segment": ({"type": "alias", "userId": "new", "previousId": "old"}, False),
    "create": (
        {"event": "$create_alias", "properties": {"distinct_id": "$device:old", "alias": "new"}},
        False,
    ),
    "identify": (
        {
            "event": "$identify",
            "properties": {"$anon_id": "old", "$identified_id": "new", "token": "t"},
        },
        False,
    ),
    "merge": (
        {"event": "$merge", "properties": {"$distinct_ids": ["new", "old"], "token": "t"}},
        True,
    ),
    "posthog": (
        {"event": "$create_alias", "distinct_id": "new", "properties": {"alias": "old"}},
        False,
    ),
}


@pytest.mark.parametrize("case", ALIASES)
def test_an_alias_names_the_previous_id(place: Place, case: str) -> None:
    call, is_merge = ALIASES[case]
    [row] = loaded(place, call)
    assert row["kind"] == "alias"
    assert (row["user_hash"], row["previous_hash"]) == (hashed("new"), hashed("old"))
    assert row["is_merge"] == is_merge


def test_a_batch_is_as_many_rows_as_it_has_items(place: Place) -> None:
    posthog = {"event": "e", "properties": {"distinct_id": "u"}}
    amplitude = {"event_type": "e", "user_id": "u"}
    found = reasons(
        place,
        {"api_key": "k", "batch": [posthog, posthog]},
        {"events": [amplitude, 5]},
        [SEGMENT, [1]],
        [],
        {"batch": []},
        7,
    )
    malformed = "not_a_json_object"
    assert found == ["", "", "", malformed, "", malformed, malformed]
    items = place.rows("calls", "line_number, item_number, vendor")
    assert items == [
        (1, 1, "posthog"),
        (1, 2, "posthog"),
        (2, 1, "amplitude"),
        (3, 1, "segment"),
    ]
    figures = "kind, rows_read, rows_accepted, rows_rejected, rows_duplicate"
    assert place.rows("loaded_files", figures) == [("calls", 7, 4, 3, 0)]
    assert place.rows("rejected_rows", "item_number, source") == [
        (2, "calls"),
        (2, "calls"),
        (None, "calls"),
    ]


LONG = "x" * 256
REASONS: dict[str, tuple[dict[str, Any], str]] = {
    "no vendor": ({"foo": 1}, "vendor_unknown"),
    "no kind": ({"userId": "u"}, "kind_missing"),
    "delete": ({"userId": "u", "type": "delete"}, "kind_unknown"),
    "nobody": ({**SEGMENT, "userId": "null", "anonymousId": " "}, "actor_missing"),
    "a list for a user": (
        {**SEGMENT, "userId": ["u"], "anonymousId": None},
        "actor_missing,user_id_wrong_type",
    ),
    "a boolean": ({**SEGMENT, "anonymousId": True}, "anonymous_id_wrong_type"),
    "long ids": (
        {**SEGMENT, "userId": LONG, "anonymousId": LONG},
        "anonymous_id_too_long,user_id_too_long",
    ),
    "alias of nobody": ({"type": "alias", "userId": "u", "previousId": "0"}, "previous_id_missing"),
    "no event": ({**SEGMENT, "event": ""}, "event_missing"),
    "a number": ({**SEGMENT, "event": 5}, "event_wrong_type"),
    "a long event": ({**SEGMENT, "event": LONG}, "event_too_long"),
    "no group": ({"type": "group", "userId": "u"}, "group_id_missing"),
    "a group's object": ({"type": "group", "groupId": {}}, "group_id_wrong_type"),
    "a long group": ({**SEGMENT, "context": {"groupId": LONG}}, "group_id_too_long"),
    "groups as text": ({**AMPLITUDE, "groups": "x"}, "groups_not_an_object"),
    "too many": ({**AMPLITUDE, "groups": {"a": list(range(1, 302))}}, "groups_too_many"),
    "a long type": ({**AMPLITUDE, "groups": {LONG: "x"}}, "group_type_too_long"),
    "traits as text": ({"type": "identify", "userId": "u", "traits": "x"}, "traits_not_an_object"),
    "large traits": (
        {"type": "identify", "userId": "u", "traits": {"x": "y" * 32_768}},
        "traits_too_large",
    ),
    "properties as list": ({**SEGMENT, "properties": [1]}, "properties_not_an_object"),
    "large properties": ({**SEGMENT, "properties": {"x": "y" * 32_768}}, "properties_too_large"),
    "a word for a time": ({**SEGMENT, "timestamp": "soon"}, "timestamp_invalid"),
    "before 1970": ({**SEGMENT, "timestamp": "1969-12-31T00:00:00Z"}, "timestamp_invalid"),
    "far ahead": ({**SEGMENT, "timestamp": "2025-06-01T00:00:00Z"}, "timestamp_too_far_ahead"),
    "receipt": ({**SEGMENT, "receivedAt": "later"}, "received_at_invalid"),
    "session": ({**SEGMENT, "context": {"sessionId": LONG}}, "session_id_too_long"),
    "environment": ({**SEGMENT, "environment": "x" * 33}, "environment_too_long"),
    "id": ({**SEGMENT, "messageId": LONG}, "event_id_too_long"),
}


def test_every_reason_and_no_other(place: Place) -> None:
    found = reasons(place, *(call for call, _ in REASONS.values()))
    assert dict(zip(REASONS, found, strict=True)) == {
        case: expected for case, (_, expected) in REASONS.items()
    }


def test_a_line_of_another_shape_in_a_vendors_folder(place: Place) -> None:
    path = f"{CALLS}/amplitude/a.jsonl"
    assert reasons(place, SEGMENT, AMPLITUDE, path=path) == ["vendor_mismatch", ""]


def test_text_of_rejected_calls_is_masked_and_its_replay_needs_the_file(place: Place) -> None:
    bad = {**SEGMENT, "event": "", "properties": {"firstName": "Ann", "to": "ann@example.com"}}
    path = place.write(f"{CALLS}/a.jsonl", lines(bad))
    place.quick_load()
    [(text,)] = place.rows("rejected_rows", "raw_text")
    assert json.loads(text)["properties"] == {"firstName": "[masked]", "to": "[masked]"}
    path.unlink()
    report = place.quick_replay()
    assert (report.count("gone"), report.count("accepted")) == (1, 0)


def test_a_pretty_printed_file_is_refused(place: Place) -> None:
    place.write(f"{CALLS}/a.json", "\n" + json.dumps(SEGMENT, indent=1))
    place.write(f"{CALLS}/b.json", lines(SEGMENT))
    place.quick_load()
    assert place.rows("rejected_files", "path, reason") == [(f"{CALLS}/a.json", "not_json_lines")]
    assert place.rows("calls", "source_path") == [(f"{CALLS}/b.json",)]


def test_segments_archive_loads_as_it_is(place: Place) -> None:
    place.write(f"{CALLS}/1714554000.gz", lines(SEGMENT))
    place.quick_load()
    assert place.rows("calls", "call_id") == [("m-1",)]


def test_the_same_calls_again_are_duplicates(place: Place) -> None:
    without_id = {name: value for name, value in SEGMENT.items() if name != "messageId"}
    place.write(f"{CALLS}/a.jsonl", lines(SEGMENT, without_id, without_id))
    place.quick_load()
    later = {**SEGMENT, "sentAt": RECEIVED, "receivedAt": "2024-05-01T09:00:01Z"}
    place.write(f"{CALLS}/b.jsonl", lines([later, without_id, without_id, without_id]))
    place.quick_load()
    other = {**SEGMENT, "properties": {"task_id": "task_457"}}
    place.write(f"{CALLS}/c.jsonl", lines(other))
    place.quick_load()
    figures = "path, rows_accepted, rows_duplicate"
    assert [row[1:] for row in place.rows("loaded_files", figures)] == [(3, 0), (1, 3), (1, 0)]
    assert len(place.rows("calls", "distinct call_id")) == 4
    assert place.rows("call_receipts", "call_id, item_number") == [("m-1", 1)]
    assert place.rows("call_id_collisions", "call_id") == [("m-1",)]


def test_personal_data_may_be_kept(tmp_path: Path) -> None:
    place = Place(tmp_path / "place")
    seeds = SEEDS["applications.csv"].replace("acme,web,Web,user,inactivity_gap,30,hashed", "")
    row = "acme,web,Web,user,inactivity_gap,30,allowed,major\n"
    text = "\n".join(line for line in seeds.splitlines() if not line.startswith(",")) + "\n" + row
    (place.folder / "seeds" / "applications.csv").write_text(text)
    [found] = loaded(place, {"type": "identify", "userId": "u", "traits": {"email": "a@b.co"}})
    assert (found["user_id"], found["traits"]) == ("u", {"set": {"email": "a@b.co"}})


def test_personal_data_at_any_depth_of_properties(place: Place) -> None:
    deep: dict[str, Any] = {"list": [{"phone": 5}, "ann@example.com", {"account_id": "a@b.co"}]}
    for _ in range(3):
        deep = {"more": deep}
    [row] = loaded(
        place,
        {
            **SEGMENT,
            "event": "ann@example.com",
            "properties": {
                "name": "Page",
                "Invitee Email": "ann@example.com",
                "billing_address": {"street": "A"},
                "known": "a" * 64,
                "company": "ann@example.com",
                "deep": {"list": [{"phone": 5}, "ann@example.com", {"account_id": "a@b.co"}]},
            },
        },
    )
    assert row["event"] == EMAIL_HASH
    assert row["properties"] == {
        "name": "Page",
        "Invitee Email": EMAIL_HASH,
        "billing_address": "sha256:" + hashed('{"street":"a"}'),
        "known": "a" * 64,
        "company": "ann@example.com",
        "deep": {
            "list": [{"phone": "sha256:" + hashed("5")}, EMAIL_HASH, {"account_id": "a@b.co"}]
        },
    }


def test_a_trait_that_is_unset_does_not_hide_what_the_call_says_of_its_group(place: Place) -> None:
    identify = {"type": "identify", "userId": "u", "groupId": "acc_1", "context": {}}
    [row] = loaded(place, {**SEGMENT, **identify, "traits": {"account_id": None}})
    assert row["traits"] == {"set": {"account_id": "acc_1"}, "unset": ["account_id"]}


def test_a_group_type_that_is_no_text_is_none(place: Place) -> None:
    group = {"type": "group", "userId": "u", "groupId": "ws_1", "traits": {"group_type": None}}
    [row] = loaded(place, {**SEGMENT, **group})
    assert row["groups"] == {"": ["ws_1"]}


def test_what_lies_too_deep_is_replaced_whole(place: Place) -> None:
    deep: Any = {"to": "ann@example.com"}
    for _ in range(9):
        deep = {"x": deep}
    [row] = loaded(place, {**SEGMENT, "properties": deep})
    assert "ann@example.com" not in json.dumps(row["properties"])
