"""Quarantined calls after a rule was corrected: items of a batch are found by their number."""

import json
from datetime import timedelta

import pytest

from ingestion.calls import judging
from tests.ingestion.place import NOW, Place

CALLS = "acme/apps/web/calls"
BAD = 137


@pytest.fixture
def rule(monkeypatch):
    """Sets a further rule; None takes it away again."""
    usual = judging.call_rules

    def set_rule(condition: str | None) -> None:
        added = {"broken_rule": condition} if condition else {}
        monkeypatch.setattr(judging, "call_rules", lambda: usual() | added)

    return set_rule


def segment_batch(size: int) -> str:
    """Calls without an id: which one each is follows from its place in the batch."""
    times = [f"2024-05-01T09:{n // 60 % 60:02}:{n % 60:02}Z" for n in range(size)]
    batch = [
        {
            "type": "track",
            "event": "bad" if n == BAD else "good",
            "userId": f"u{n % 7}",
            "timestamp": time,
        }
        for n, time in enumerate(times)
    ]
    return json.dumps({"batch": batch}) + "\n"


def posthog_batch() -> str:
    """What says that these are PostHog's calls is on the batch."""
    batch = [{"event": event, "properties": {"distinct_id": "u1"}} for event in ("good", "bad")]
    return json.dumps({"api_key": "k", "batch": batch}) + "\n"


def calls(place: Place) -> list[tuple]:
    return place.rows("calls", "call_id, content_hash, vendor, event, line_number, item_number")


@pytest.mark.parametrize(
    ("content", "item", "size"),
    [(segment_batch(500), BAD + 1, 500), (posthog_batch(), 2, 2)],
    ids=["one of 500", "a batch with the key of its vendor"],
)
def test_an_item_of_a_batch_is_as_loaded_with_the_corrected_rule(
    tmp_path, rule, content, item, size
):
    corrected, replayed = Place(tmp_path / "corrected"), Place(tmp_path / "replayed")
    for place in (corrected, replayed):
        place.write(f"{CALLS}/a.jsonl", content)
    corrected.quick_load()
    rule("event_sent = '\"bad\"'")
    replayed.quick_load()
    rejected = "line_number, item_number, reasons, resolved_at is null"
    assert replayed.rows("rejected_rows", rejected) == [(1, item, "broken_rule", True)]
    assert len(calls(replayed)) == size - 1
    replayed.now = NOW + timedelta(days=1)
    assert replayed.quick_replay().count("accepted") == 0, "the rule is what it was"
    rule(None)
    assert replayed.quick_replay().count("accepted") == 1
    assert calls(replayed) == calls(corrected)
    assert len(calls(replayed)) == size
    assert replayed.rows("rejected_rows", rejected) == [(1, item, "broken_rule", False)]
    assert replayed.query(
        "select sum(rows_accepted) from raw.loaded_files where kind = 'calls'"
    ) == [(size,)]
