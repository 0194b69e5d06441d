"""Withdrawing a file or a load leaves ``raw`` as if it had never come."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingestion.raw.tables import RAW_TABLES
from ingestion.withdrawal import apply, preview
from tests.ingestion.event_cases import GOOD
from tests.ingestion.place import MODIFIED, NOW, Place, csv_text
from tests.ingestion.subscription_sheets import row, sheet

OWN = ("withdrawals", "withdrawn_files")
EVENTS = "acme/apps/web/events"
CALLS = "acme/apps/web/calls"
IMPORTS = "acme/imports"


@dataclass(frozen=True)
class Step:
    """The files that one load finds: path and content."""

    files: tuple[tuple[str, str], ...]


def run_loads(place: Place, steps: list[Step], left_out: set[tuple[int, str]]) -> None:
    """Load after load, a day apart, without some files."""
    for number, step in enumerate(steps):
        place.now = NOW + timedelta(days=number)
        for path, content in step.files:
            if (number, path) not in left_out:
                place.write(path, content, MODIFIED + timedelta(days=number))
        place.quick_load()


def raw_rows(place: Place) -> dict[str, list[tuple]]:
    """Every row of every table but the record of withdrawals."""
    names = [table.name for table in RAW_TABLES if table.name not in OWN]
    found = {name: place.rows(name) for name in names}
    # The ids that collide, not how often that was noticed.
    for name in ("event_id_collisions", "call_id_collisions"):
        found[name] = sorted({row[:3] for row in found[name]})
    return found


# Few values, so that files overlap, ids collide and rows of a later file rely on an earlier one.
ORG_IDS = ("o1", "o2", "o3")
ORGS = st.sampled_from(ORG_IDS)


@st.composite
def event_lines(draw: st.DrawFn) -> str:
    lines = []
    for _ in range(draw(st.integers(1, 5))):
        fields = {
            **GOOD,
            "customer_org_id": draw(ORGS),
            "event": draw(st.sampled_from("ab")),
            "event_id": draw(st.sampled_from(["", "", "1", "2"])),
            "ts_epoch": draw(st.sampled_from([None, 1_714_000_000, 1_714_100_000])),
            "received_at": draw(st.sampled_from([None, 1_714_200_000, 1_714_300_000])),
        }
        if draw(st.integers(0, 5)) == 0:
            fields["user_hash"] = "short"
        lines.append(json.dumps(fields))
    return "\n".join(lines) + "\n"


@st.composite
def call_lines(draw: st.DrawFn) -> str:
    """Lines that are calls, or batches of some."""
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        calls = [
            {
                "type": draw(st.sampled_from(["track", "track", "identify", "odd"])),
                "event": draw(st.sampled_from("ab")),
                "userId": draw(st.sampled_from(["u1", "u2"])),
                "messageId": draw(st.sampled_from([None, None, "1", "2"])),
                "receivedAt": draw(st.sampled_from([None, "2024-04-27", "2024-04-28"])),
                "context": {"groupId": draw(ORGS)},
            }
            for _ in range(draw(st.integers(1, 3)))
        ]
        lines.append(json.dumps(calls[0] if len(calls) == 1 else {"batch": calls}))
    return "\n".join(lines) + "\n"


@st.composite
def organizations(draw: st.DrawFn) -> str:
    ids = draw(st.lists(ORGS, min_size=1, max_size=3, unique=True))
    return csv_text(("org_id", "name"), [(i, draw(st.sampled_from(["x", "y", ""]))) for i in ids])


@st.composite
def subscriptions(draw: st.DrawFn) -> str:
    columns = draw(st.sampled_from([("end_at", "status"), ("status",), ()]))
    rows = [
        row(
            number,
            external_org_id=draw(ORGS),
            mrr=draw(st.sampled_from(["10", "20", "?"])),
            status=draw(st.sampled_from(["active", "paused"])),
            end_at=draw(st.sampled_from(["", "2024-12-31"])),
        )
        for number in draw(st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True))
    ]
    names = ("external_org_id", "product_code", "mrr", "currency", "start_at", *columns)
    return sheet(*rows, columns=names)


@st.composite
def dismissals(draw: st.DrawFn) -> str:
    rows = [(draw(ORGS), "usage_drop", "2024-05-01", draw(st.sampled_from("ab")))]
    return csv_text(("external_org_id", "signal_type", "dismissed_at", "reason"), rows)


KINDS = {
    f"{EVENTS}/{{}}.jsonl": event_lines(),
    f"{CALLS}/{{}}.jsonl": call_lines(),
    f"{IMPORTS}/organizations/{{}}.csv": organizations(),
    f"{IMPORTS}/subscriptions/{{}}.csv": subscriptions(),
    f"{IMPORTS}/dismissals/{{}}.csv": dismissals(),
}


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    steps = []
    for number in range(draw(st.integers(2, 4))):
        files = []
        for index in range(draw(st.integers(1, 3))):
            pattern = draw(st.sampled_from(list(KINDS)))
            files.append((pattern.format(f"{number}-{index}"), draw(KINDS[pattern])))
        steps.append(Step(tuple(files)))
    return steps


def never_came(steps: list[Step], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(steps) - 1), label="load")
    whole = data.draw(st.booleans(), label="the whole load")
    paths = [path for path, _ in steps[number].files]
    chosen = paths if whole else [data.draw(st.sampled_from(paths), label="path")]
    with TemporaryDirectory() as folder:
        place, other = Place(Path(folder) / "with"), Place(Path(folder) / "without")
        run_loads(place, steps, set())
        run_loads(other, steps, {(number, path) for path in chosen})
        what = f"{number + 1:06}" if whole else chosen[0]
        before = raw_rows(place)
        seen = preview(place.settings, what)
        assert raw_rows(place) == before
        assert apply(place.settings, what).files == seen.files
        assert raw_rows(place) == raw_rows(other)
        # Nor does it come again by itself, and once is enough.
        place.quick_load()
        assert raw_rows(place) == raw_rows(other)
        if not whole:
            assert apply(place.settings, what).withdrawn_at is not None


def drawn(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.generate],  # to shrink a history takes minutes
        suppress_health_check=list(HealthCheck),
    )


@drawn(4)
@given(steps=histories(), data=st.data())
def test_a_withdrawn_file_or_load_never_came(steps: list[Step], data: st.DataObject) -> None:
    never_came(steps, data)


@pytest.mark.slow
@drawn(60)
@given(steps=histories(), data=st.data())
def test_many_a_withdrawn_file_or_load_never_came(steps: list[Step], data: st.DataObject) -> None:
    never_came(steps, data)
