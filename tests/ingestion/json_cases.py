"""Lines that only JSON can hold: typed values, and what is or only looks malformed."""

import json

from tests.ingestion.event_cases import (
    GOOD,
    LAST_EPOCH,
    RECEIVED_EPOCH,
    Case,
    case,
    with_properties,
)


def _wrong_types() -> list[Case]:
    values = {"list": ["x"], "object": {"x": 1}, "true": True}
    fields = ("event", "user_hash", "customer_org_id", "path", "session_id", "environment", "plan")
    cases = [
        case(f"{field} is {name}", f"{field}_wrong_type", **{field: value})
        for field in (*fields, "event_id")
        for name, value in values.items()
    ]
    cases += [
        case(f"{field} is a number", f"{field}_wrong_type", **{field: 5})
        for field in (*fields, "event_id")
        if field != "customer_org_id"
    ]
    codes = {
        "ts_epoch": "ts_epoch_not_an_integer",
        "received_at": "received_at_invalid",
        "properties": "properties_not_an_object",
    }
    for field, code in codes.items():
        for name, value in values.items():
            if (field, name) != ("properties", "object"):
                cases.append(case(f"{field} is {name}", code, **{field: value}))
    return cases


# What only JSON can say: types of values.
JSON_CASES = (
    *_wrong_types(),
    case("properties is an object", properties={"a": {"b": [1, None, "x"]}}),
    case("properties is a number", "properties_not_an_object", properties=0),
    case("properties is text of an object", "properties_not_an_object", properties='{"a":1}'),
    case("properties of 32768 bytes", properties=json.loads(with_properties(32_768))),
    case(
        "properties of 32769 bytes",
        "properties_too_large",
        properties=json.loads(with_properties(32_769)),
    ),
    case("properties of é that were sent escaped", properties={"k": "é" * 16_380}),
    case("properties of more é", "properties_too_large", properties={"k": "é" * 16_381}),
    case("epoch integer", ts_epoch=1714557600),
    case("epoch whole float", ts_epoch=1714557600.0),
    case("epoch zero", ts_epoch=0),
    case("epoch fraction", "ts_epoch_not_an_integer", ts_epoch=1714557600.5),
    case("epoch small fraction", "ts_epoch_not_an_integer", ts_epoch=-0.5),
    case("epoch negative", "ts_epoch_negative", ts_epoch=-1),
    case("epoch huge", "ts_epoch_too_far_ahead", ts_epoch=10**30),
    case("epoch 366 days ahead", received_at=RECEIVED_EPOCH, ts_epoch=LAST_EPOCH),
    case(
        "epoch over 366 days ahead",
        "ts_epoch_too_far_ahead",
        received_at=RECEIVED_EPOCH,
        ts_epoch=LAST_EPOCH + 1,
    ),
    case("received integer", received_at=RECEIVED_EPOCH),
    case("received float", received_at=RECEIVED_EPOCH + 0.25),
    case("organization number", customer_org_id=42),
    case("organization float", customer_org_id=42.5),
    case(
        "several types wrong",
        "event_wrong_type,path_wrong_type,ts_epoch_not_an_integer",
        event=[],
        path=7,
        ts_epoch={},
    ),
    *(
        case(f"{field} null", **{field: None})
        for field in (
            "path",
            "session_id",
            "ts_epoch",
            "environment",
            "plan",
            "received_at",
            "event_id",
            "properties",
        )
    ),
    *(case(f"{field} null", f"{field}_missing", **{field: None}) for field in GOOD),
    case("message_id too long", "event_id_too_long", event_id=..., message_id="i" * 256),
    case("messageId too long", "event_id_too_long", messageId="i" * 256),
    case("messageId is a list", "event_id_wrong_type", messageId=["x"]),
    *(
        case(f"{name} in another case", reasons, **{name: [1, 2], lower: ...})
        for name, lower, reasons in (
            ("Event", "event", "event_missing"),
            ("USER_HASH", "user_hash", "user_hash_missing"),
            ("Path", "path", ""),
            ("MessageID", "messageId", ""),
        )
    ),
)

_LINE = json.dumps(GOOD)


def _line_with(member: str) -> bytes:
    return f"{_LINE[:-1]}, {member}}}".encode()


NOT_OBJECTS = {
    "a list": b"[1]",
    "a number": b"5",
    "a string": b'"x"',
    "null": b"null",
    "a word": b"hello",
    "an object cut off": _LINE[:-1].encode(),
    "two objects": f"{_LINE}{_LINE}".encode(),
    "an object and a comma": f"{_LINE},".encode(),
    "a comma in front": f",{_LINE}".encode(),
    "single quotes": b"{'event': 'x'}",
    "a name without quotes": b'{event: "x"}',
    "NaN": _line_with('"x": NaN'),
    "nan": _line_with('"x":nan'),
    "nAn in a list": _line_with('"x":[1, nAn]'),
    "Infinity": _line_with('"x": Infinity'),
    "-Infinity": _line_with('"x": -Infinity'),
    "inf": _line_with('"x":inf'),
    "a last comma": f"{_LINE[:-1]},}}".encode(),
    "a last comma and a space": f"{_LINE[:-1]} , \t}}".encode(),
    "a last comma in a list": _line_with('"x": [1,]'),
    "a last comma inside": _line_with('"x": {"y": 1, }'),
    "a lone high surrogate": _line_with(r'"x": "\ud800"'),
    "a lone low surrogate": _line_with(r'"x": "\udc00 "'),
    "a bad escape": _line_with(r'"x": "\q"'),
    "a raw tab in a string": _line_with('"x": "\t"'),
    "a raw NUL in a string": _line_with('"x": "\x00"'),
    "NULs": b"\x00\x00\x00",
    "a comment": f"{_LINE} // good".encode(),
    "a comment inside": b'{/* x */"event": "x"}',
    "a leading zero": _line_with('"x": 01'),
    "a plus": _line_with('"x": +1'),
    "a point without digits": _line_with('"x": 1.'),
    "hexadecimal": _line_with('"x": 0x1F'),
    "a no-break space in front": f"\u00a0{_LINE}".encode(),
    "a byte order mark in the middle": f"\ufeff{_LINE}".encode(),
    "brackets that do not match": _line_with('"x": [1}'),
}

# Look like one of the above, but are not.
STILL_OBJECTS = {
    "NaN in a string": _line_with(r'"x": ": NaN, \" [NaN"'),
    "Infinity in a string": _line_with('"x": ",Infinity"'),
    "a last comma in a string": _line_with(r'"x": "[1,] \",}"'),
    "a word with nan as a name": _line_with('"nan": 1, "inf": [-1]'),
    "a pair of surrogates": _line_with(r'"x": "\ud83c\udf89"'),
    "spaces around": f"  \t{_LINE}  ".encode(),
    "an escaped NUL": _line_with(r'"session_id": "a\u0000b"'),
    "a name twice": _line_with('"event": "other"'),
    "a number with an exponent": _line_with('"x": 1.5E+3, "ts_epoch": 1714557600e0'),
    "braces in strings": _line_with('"x": "{[", "plan": "}]"'),
    "an escaped name": _line_with(r'"pl\u0061n": "pro"'),
    "a long number": _line_with('"x": ' + "9" * 400),
    "nested a little": _line_with('"properties": ' + '{"a":' * 60 + "1" + "}" * 60),
}
