"""What real landing folders also hold: broken rows of every kind, unreadable and lost files."""

import gzip
import json
from datetime import datetime, time, timedelta
from typing import Any

from ingestion.demo.profiles import Size
from ingestion.demo.writer import LandingWriter

Row = dict[str, Any]
USER = "ab" * 32


def write_oddities(writer: LandingWriter, size: Size, sample: list[Row]) -> int:
    """Write the odd files; ``sample`` holds some events of acme's web application.

    Returns the number of broken rows in event files.
    """
    day = size.as_of - timedelta(days=min(5, size.days))
    modified_at = datetime.combine(day + timedelta(days=1), time(3, 0))
    web = f"acme/apps/web/events/{day:%Y/%m}/web-{day}"
    mobile = f"acme/apps/mobile/events/{day:%Y/%m}/mobile-{day}"
    broken = broken_lines(int(modified_at.timestamp()))
    rows = [json.dumps(row).encode() for row in [*sample, *_conflicts(sample, modified_at)]]
    lines = [*rows, b"", *(line for _, line in broken)]
    writer.write(f"{web}-collector-b.jsonl.gz", _packed(_lines(lines)), modified_at)
    writer.write(f"{mobile}-support-export.csv", _broken_csv(day.isoformat()), modified_at)

    good = _lines([json.dumps(row).encode() for row in sample])
    packed = _packed(good * 20)
    for path, content in (
        (f"{web}-truncated.jsonl.gz", packed[: len(packed) // 2]),
        (f"{mobile}-not-parquet.parquet", b"event,user_hash,customer_org_id\n"),
        (f"{mobile}-latin-1.csv", "event,user_hash\ngr\u00f6\u00dfe,x\n".encode("latin-1")),
        (f"acme/apps/desktop/events/desktop-{day}.ndjson", good),
        (f"initech/apps/web/events/web-{day}.ndjson", good),
        ("acme/apps/web/events/notes.txt", b"Collector b was moved to another host this week.\n"),
    ):
        writer.write(path, content, modified_at)
    return len(broken) + 2


def broken_lines(received: int) -> list[tuple[str, bytes]]:
    """(reason, line) for every way in which a line of JSON can break a rule."""
    good: Row = {
        "event": "page_view",
        "user_hash": USER,
        "customer_org_id": "org_00001",
        "path": "/dashboard",
        "ts_epoch": received - 3_600,
    }
    changes: list[tuple[str, Row]] = [
        ("event_missing", {"event": ""}),
        ("event_too_long", {"event": "e" * 256}),
        ("event_wrong_type", {"event": ["page_view"]}),
        ("user_hash_missing", {"user_hash": None}),
        ("user_hash_not_64_characters", {"user_hash": "ab12"}),
        ("user_hash_wrong_type", {"user_hash": {"id": 1}}),
        ("customer_org_id_missing", {"customer_org_id": "   "}),
        ("customer_org_id_too_long", {"customer_org_id": "o" * 256}),
        ("customer_org_id_wrong_type", {"customer_org_id": ["org_00001"]}),
        ("path_not_absolute", {"path": "dashboard"}),
        ("path_too_long", {"path": "/" + "p" * 2_048}),
        ("path_wrong_type", {"path": 7}),
        ("session_id_too_long", {"session_id": "s" * 256}),
        ("ts_epoch_not_an_integer", {"ts_epoch": "yesterday"}),
        ("ts_epoch_negative", {"ts_epoch": -1}),
        ("ts_epoch_too_far_ahead", {"ts_epoch": received + 400 * 86_400}),
        ("environment_too_long", {"environment": "production-" * 4}),
        ("plan_too_long", {"plan": "p" * 256}),
        ("received_at_invalid", {"received_at": "last tuesday"}),
        ("event_id_too_long", {"event_id": "i" * 256}),
        ("properties_not_an_object", {"properties": [1, 2]}),
        ("properties_too_large", {"properties": {"note": "n" * 32_768}}),
        ("event_missing,path_not_absolute", {"event": None, "path": "tasks"}),
    ]
    lines = [(reason, json.dumps(good | change).encode()) for reason, change in changes]
    text = json.dumps(good)
    lines += [
        ("not_a_json_object", b"this is not json"),
        ("not_a_json_object", b'["page_view"]'),
        ("not_a_json_object", text[:-20].encode()),
        ("not_a_json_object", text.replace(str(good["ts_epoch"]), "NaN").encode()),
        ("not_a_json_object", text.replace("page_view", "\\ud800").encode()),
        ("not_a_json_object", b'{"event":' + b"[" * 100_000),
        ("line_too_long", text.replace("page_view", "v" * 1_048_600).encode()),
    ]
    return lines


def _conflicts(sample: list[Row], modified_at: datetime) -> list[Row]:
    """The first event's id again with another content, received later."""
    received_at = modified_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return [
        row | {"event": "page_view_v2", "received_at": received_at, "library": "collector-b"}
        for row in sample[:1]
    ]


def _broken_csv(day: str) -> bytes:
    header = "event;user_hash;customer_org_id;path;received_at;properties"
    rows = [
        f'page_view;{USER};org_00001;/inbox;{day}T10:00:00Z;"{{""duration_ms"": 12}}"',
        f"task_created;{USER};org_00001;/tasks/7;{day}T10:00:30Z",
        f"page_view;{USER};org_00001;/inbox;{day}T10:01:00Z;;one cell more",
        f"page_view;{USER};org_00001;/inbox;{day}T10:02:00Z;not json",
    ]
    return ("\ufeff" + "\r\n".join([header, *rows]) + "\r\n").encode()


def _lines(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def _packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
