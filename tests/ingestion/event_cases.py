"""Rows of event dumps, each with the reasons why it is refused ('' where it is accepted)."""

import json
from dataclasses import dataclass
from typing import Any

HASH = "a" * 64
RECEIVED = "2024-05-01T10:00:00Z"
RECEIVED_EPOCH = 1_714_557_600
LAST_EPOCH = RECEIVED_EPOCH + 366 * 86_400
GOOD = {"event": "login", "user_hash": HASH, "customer_org_id": "org"}


@dataclass(frozen=True)
class Case:
    """A row, and every reason to refuse it."""

    name: str
    row: dict[str, Any]
    reasons: str = ""


def case(name: str, reasons: str = "", /, **fields: Any) -> Case:
    """A good row but for ``fields``; one whose value is ``...`` is left out."""
    row = {**GOOD, **fields}
    return Case(name, {key: value for key, value in row.items() if value is not ...}, reasons)


def with_properties(size: int) -> str:
    """Compact JSON of an object that has ``size`` bytes."""
    return json.dumps({"k": "x" * (size - len('{"k":""}'))}, separators=(",", ":"))


# Values that all three formats can hold: text as text.
TEXT_CASES = (
    case("plain"),
    case("event missing", "event_missing", event=...),
    case("event empty", "event_missing", event=""),
    case("event of one character", event="x"),
    case("event of one space", event=" "),
    case("event of 255 characters", event="é" * 255),
    case("event of 256 characters", "event_too_long", event="x" * 256),
    case("event of 255 emoji", event="🎉" * 255),
    case("user missing", "user_hash_missing", user_hash=...),
    case("user empty", "user_hash_missing", user_hash=""),
    case("user of 63", "user_hash_not_64_characters", user_hash="a" * 63),
    case("user of 65", "user_hash_not_64_characters", user_hash="a" * 65),
    case("user of 64 letters of any kind", user_hash="Ü" * 64),
    case("user padded", "user_hash_not_64_characters", user_hash=f" {HASH}"),
    case("organization missing", "customer_org_id_missing", customer_org_id=...),
    case("organization empty", "customer_org_id_missing", customer_org_id=""),
    case("organization of spaces", "customer_org_id_missing", customer_org_id=" \t\u00a0 "),
    case("organization of 255", customer_org_id="o" * 255),
    case("organization of 256", "customer_org_id_too_long", customer_org_id="o" * 256),
    case("organization of 255 and spaces", customer_org_id=" " + "o" * 255 + " "),
    case("path of one slash", path="/"),
    case("path empty", path=""),
    case("path relative", "path_not_absolute", path="home"),
    case("path after a space", "path_not_absolute", path=" /home"),
    case("path is a URL", "path_not_absolute", path="https://example.test/"),
    case("path of 2048", path="/" + "p" * 2047),
    case("path of 2049", "path_too_long", path="/" + "p" * 2048),
    case("path relative and long", "path_not_absolute,path_too_long", path="p" * 2049),
    case("session of 255", session_id="s" * 255),
    case("session of 256", "session_id_too_long", session_id="s" * 256),
    case("session empty", session_id=""),
    case("environment of 32", environment="e" * 32),
    case("environment of 33", "environment_too_long", environment="e" * 33),
    case("plan of 255", plan="p" * 255),
    case("plan of 256", "plan_too_long", plan="p" * 256),
    case("event id of 255", event_id="i" * 255),
    case("event id of 256", "event_id_too_long", event_id="i" * 256),
    case("epoch in text", ts_epoch="1714557600"),
    case("epoch zero", ts_epoch="0"),
    case("epoch empty", ts_epoch=""),
    case("epoch whole float in text", ts_epoch="1714557600.0"),
    case("epoch negative", "ts_epoch_negative", ts_epoch="-1"),
    case("epoch word", "ts_epoch_not_an_integer", ts_epoch="today"),
    case("epoch date", "ts_epoch_not_an_integer", ts_epoch="2024-05-01"),
    case("epoch with fraction", "ts_epoch_not_an_integer", ts_epoch="1714557600.5"),
    case("epoch hexadecimal", "ts_epoch_not_an_integer", ts_epoch="0x10"),
    case("epoch nan", "ts_epoch_not_an_integer", ts_epoch="nan"),
    case("epoch infinite", "ts_epoch_not_an_integer", ts_epoch="inf"),
    case("epoch true", "ts_epoch_not_an_integer", ts_epoch="true"),
    case("epoch 366 days ahead", received_at=RECEIVED, ts_epoch=str(LAST_EPOCH)),
    case(
        "epoch over 366 days ahead",
        "ts_epoch_too_far_ahead",
        received_at=RECEIVED,
        ts_epoch=str(LAST_EPOCH + 1),
    ),
    case("epoch in milliseconds", "ts_epoch_too_far_ahead", ts_epoch="1714557600000"),
    case("epoch of 30 digits", "ts_epoch_too_far_ahead", ts_epoch="9" * 30),
    case("epoch of 400 digits", "ts_epoch_too_far_ahead", ts_epoch="9" * 400),
    case("epoch of 400 digits, negative", "ts_epoch_negative", ts_epoch="-" + "9" * 400),
    case("received with zone", received_at="2024-05-01T12:00:00+02:00"),
    case("received in seconds", received_at="1714557600"),
    case("received empty", received_at=""),
    case("received word", "received_at_invalid", received_at="yesterday"),
    case("received impossible", "received_at_invalid", received_at="2024-02-30T10:00:00Z"),
    case("received at hour 25", "received_at_invalid", received_at="2024-05-01T25:00:00Z"),
    case("received in milliseconds", "received_at_invalid", received_at="1714557600000"),
    case("received nan", "received_at_invalid", received_at="nan"),
    case("properties object", properties='{"a":1}'),
    case("properties empty object", properties="{}"),
    case("properties empty text", properties=""),
    case("properties list", "properties_not_an_object", properties="[1]"),
    case("properties number", "properties_not_an_object", properties="5"),
    case("properties word", "properties_not_an_object", properties="many"),
    case("properties broken", "properties_not_an_object", properties='{"a":'),
    case("properties with NaN", "properties_not_an_object", properties='{"a":NaN}'),
    case("properties with a last comma", "properties_not_an_object", properties='{"a":1,}'),
    case("properties of 32768 bytes", properties=with_properties(32_768)),
    case("properties of 32769 bytes", "properties_too_large", properties=with_properties(32_769)),
    case("properties wide but compact", properties='{"a":' + " " * 40_000 + "1}"),
    case("properties 32768 bytes of é", properties='{"k":"' + "é" * 16_380 + '"}'),
    case(
        "properties 32770 bytes of é",
        "properties_too_large",
        properties='{"k":"' + "é" * 16_381 + '"}',
    ),
    case(
        "all at once",
        "customer_org_id_missing,environment_too_long,event_id_too_long,event_too_long,"
        "path_not_absolute,path_too_long,plan_too_long,properties_not_an_object,"
        "received_at_invalid,session_id_too_long,ts_epoch_negative,user_hash_not_64_characters",
        event="x" * 256,
        user_hash="short",
        customer_org_id=" ",
        path="p" * 2049,
        session_id="s" * 256,
        ts_epoch="-5",
        environment="e" * 33,
        plan="p" * 256,
        received_at="soon",
        event_id="i" * 256,
        properties="[]",
    ),
    case("ignored names", colour="red", tenant_id="t", group_id="g", Event="y", timestamp="junk"),
)
