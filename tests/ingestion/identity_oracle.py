"""What makes rows one event, in plain Python, from the definitions of the input contract."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

CONTENT_FIELDS = (
    "event",
    "user_hash",
    "customer_org_id",
    "path",
    "session_id",
    "ts_epoch",
    "environment",
    "plan",
    "properties",
)

Content = tuple[Any, ...]


@dataclass(frozen=True)
class DumpFile:
    """A file of good rows as sent. ``received_at`` in rows is a datetime or absent."""

    company_id: str
    app_id: str
    modified: datetime
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Event:
    """One event. ``occurrence`` tells rows of one content without an id apart; 0 with an id."""

    company_id: str
    app_id: str
    sender_id: str | None
    occurrence: int
    content: Content


def expected_events(files: list[DumpFile]) -> dict[Event, datetime]:
    """Every event (of a conflicting id: every content) with its earliest receipt."""
    receipts: dict[Event, datetime] = {}
    for file in files:
        occurrences: dict[Content, int] = defaultdict(int)
        for row in file.rows:
            sender_id = row.get("event_id") or None
            content = content_of(row, sender_id)
            occurrence = 0
            if sender_id is None:
                occurrences[content] += 1
                occurrence = occurrences[content]
            event = Event(file.company_id, file.app_id, sender_id, occurrence, content)
            received = row.get("received_at") or file.modified
            receipts[event] = min(received, receipts.get(event, received))
    return receipts


def content_of(row: dict[str, Any], sender_id: str | None) -> Content:
    """All fields but the id and the receipt; the receipt where nothing else says when it was."""
    values = [normalized(field, row.get(field)) for field in CONTENT_FIELDS]
    is_timeless = row.get("ts_epoch") in (None, "") and sender_id is None
    return (*values, row.get("received_at") or None if is_timeless else None)


def normalized(field: str, value: Any) -> Any:
    """A good value as it is stored."""
    if value is None or value == "":
        return "production" if field == "environment" else None
    if field == "customer_org_id":
        return str(int(value)) if isinstance(value, (int, float)) else value.strip()
    if field == "ts_epoch":
        return int(float(value))
    if field == "properties":
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return value


def conflicting_ids(events: dict[Event, datetime]) -> set[tuple[str, str, str]]:
    """Sender's ids that came with several contents."""
    contents: dict[tuple[str, str, str], set[Content]] = defaultdict(set)
    for event in events:
        if event.sender_id is not None:
            contents[event.company_id, event.app_id, event.sender_id].add(event.content)
    return {key for key, found in contents.items() if len(found) > 1}
