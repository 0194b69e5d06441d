"""Dump files in a place, and what it holds after loading them, compared with the oracle."""

import json
from collections import Counter
from datetime import datetime
from typing import Any

from tests.ingestion.identity_oracle import (
    CONTENT_FIELDS,
    DumpFile,
    Event,
    conflicting_ids,
    expected_events,
)
from tests.ingestion.place import Place

TEN = datetime(2024, 5, 1, 10)


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
