"""One story written by every vendor is the same rows, but for what the vendors cannot say."""

from datetime import date
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings

from tests.oracle.calls.reading import Call, CallReader
from tests.oracle.inputs import read_seeds
from tests.support.call_rows import call_file
from tests.support.call_stories import stories
from tests.support.call_writers import SEGMENT_FAMILY, StoryCall, vendors_of, written_by
from tests.support.worlds import PROJECT_SEEDS

D = date(2025, 3, 1)
FREE = ("vendor", "session_id", "path")
APPLICATION = {
    "company_id": "acme",
    "app_id": "web",
    "identity_mode": "user",
    "pii_policy": "hashed",
}


READER = CallReader(APPLICATION, read_seeds(PROJECT_SEEDS))


def read(vendor: str, call: StoryCall) -> Call:
    accepted, rejected, _ = READER.read(call_file([written_by(vendor, call)], f"{vendor}/a.jsonl"))
    assert not rejected, (vendor, rejected, written_by(vendor, call))
    return accepted[0]


def comparable(call: Call) -> dict[str, Any]:
    row = {name: value for name, value in call.row.items() if name not in FREE}
    if row["kind"] in ("page", "screen"):
        row.pop("properties")
    return {**row, "occurred_at": call.sent_at}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(stories(D, longest=12))
def test_every_vendor_says_the_same(story: list[StoryCall]) -> None:
    for call in story:
        vendors = vendors_of(call)
        for one, other in pairwise(vendors):
            assert comparable(read(one, call)) == comparable(read(other, call)), (one, other)


def test_every_kind_of_call_is_told_by_several_vendors() -> None:
    @settings(max_examples=25, deadline=None, database=None)
    @given(stories(D, longest=20))
    def collect(story: list[StoryCall]) -> None:
        for call in story:
            written.setdefault(call.kind, set()).update(vendors_of(call))

    written: dict[str, set[str]] = {}
    collect()
    assert written["track"] == {*SEGMENT_FAMILY, "amplitude", "mixpanel", "posthog"}
    assert all(len(vendors) >= 5 for vendors in written.values()), written
