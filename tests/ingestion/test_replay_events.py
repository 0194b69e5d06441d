"""Quarantined event rows after a rule was corrected: the events are as loaded with that rule."""

import json
from datetime import timedelta

import pytest

from ingestion.events import rules
from ingestion.replay import preview
from ingestion.replay.selection import Selection
from tests.ingestion.event_cases import GOOD
from tests.ingestion.place import MODIFIED, NOW, Place, csv_text, parquet_bytes

EVENTS = "acme/apps/web/events"
LATER = NOW + timedelta(days=1)
LATER_STORED = LATER.replace(tzinfo=None)


@pytest.fixture
def rule(monkeypatch):
    """Sets a further rule, by its reason code; None takes it away again."""
    usual = rules.event_rules

    def set_rule(condition: str | None, code: str = "broken_rule") -> None:
        added = {code: condition} if condition else {}
        monkeypatch.setattr(rules, "event_rules", lambda: usual() | added)

    return set_rule


def line(event: str = "x", **fields) -> str:
    return json.dumps({**GOOD, "event": event, **fields}) + "\n"


def events(place: Place) -> list[tuple]:
    """What the marts see of the events: identity and earliest receipt."""
    return place.query(
        """select event_id, content_hash, min(received_at) from (
            select event_id, content_hash, received_at from raw.events
            union all select event_id, content_hash, received_at from raw.event_receipts
        ) group by all order by all"""
    )


def figures(report) -> tuple[int, ...]:
    return tuple(report.count(name) for name in ("accepted", "duplicate", "refused", "gone"))


def write_all(place: Place) -> None:
    same = line("same")
    place.write(f"{EVENTS}/a.jsonl", same * 5 + line("named", event_id="1") * 2 + "[]\n")
    place.write(f"{EVENTS}/b.jsonl.gz", line("other") + same * 6, MODIFIED + timedelta(days=1))
    place.write(f"{EVENTS}/c.csv", csv_text(GOOD, [GOOD] * 3), MODIFIED - timedelta(days=1))
    early = line("named", event_id="1", received_at="2024-01-01T00:00:00Z")
    place.write(f"{EVENTS}/d.jsonl", line("first") + early)
    place.write(f"{EVENTS}/e.jsonl", line("collides", event_id="1") + line("also", event_id="1"))


@pytest.mark.parametrize(
    "condition",
    ["line_number % 2 = 1", "line_number % 2 = 0", "line_number < 4", "event = 'same'", "true"],
)
def test_events_are_as_loaded_with_the_corrected_rule(tmp_path, rule, condition):
    corrected, replayed = Place(tmp_path / "corrected"), Place(tmp_path / "replayed")
    for place in (corrected, replayed):
        write_all(place)
    corrected.quick_load()
    rule(condition)
    replayed.quick_load()
    assert events(replayed) != events(corrected)
    rule(None)
    replayed.now = LATER
    replayed.quick_replay()
    assert events(replayed) == events(corrected)
    assert collisions(replayed) >= collisions(corrected)
    # Accounting: what was accepted is in the table, what was refused in the quarantine.
    accepted, rejected = replayed.query(
        "select sum(rows_accepted), sum(rows_rejected) from raw.loaded_files"
    )[0]
    assert accepted == len(replayed.rows("events"))
    assert rejected == len(replayed.rows("rejected_rows"))
    assert replayed.query(
        "select count(*) from raw.loaded_files"
        " where rows_read <> rows_accepted + rows_rejected + rows_duplicate"
    ) == [(0,)]
    unresolved = replayed.rows("rejected_rows", "distinct raw_text", "resolved_at is null")
    assert unresolved == [("[]",)]
    before = state(replayed)
    again = replayed.quick_replay()
    assert figures(again)[:2] == (0, 0)
    assert state(replayed) == before


def collisions(place: Place) -> set[tuple]:
    return set(place.rows("event_id_collisions", "company_id, app_id, event_id"))


def state(place: Place) -> dict[str, list[tuple]]:
    tables = ("events", "event_receipts", "rejected_rows", "loaded_files", "row_resolutions")
    return {table: place.rows(table) for table in tables}


@pytest.fixture
def refused(place: Place, rule) -> Place:
    """Two files of which a rule refused rows that are fine without it."""
    place.write(f"{EVENTS}/a.jsonl", line("good") + line("bad") + line("ugly"))
    place.write("dmy-co/apps/web/events/b.jsonl", line("bad"))
    rule("event in ('bad', 'ugly')")
    place.quick_load()
    place.now = LATER
    rule(None)
    return place


def unresolved(place: Place) -> list[tuple]:
    return place.rows("rejected_rows", "company_id, line_number", "resolved_at is null")


def test_replayed_rows_are_loaded_and_resolved(refused):
    assert figures(refused.quick_replay()) == (3, 0, 0, 0)
    assert refused.rows("rejected_rows", "distinct resolved_at") == [(LATER_STORED,)]
    [event] = refused.records("events", "event = 'ugly'")
    assert (event["line_number"], event["loaded_at"]) == (3, LATER_STORED)
    assert event["received_at"] == MODIFIED, "when the file was first received"
    [_, load] = refused.records("loaded_files", f"path = '{EVENTS}/a.jsonl'")
    assert (load["rows_read"], load["rows_accepted"], load["rows_rejected"]) == (2, 2, 0)
    refused.quick_load()
    assert len(refused.rows("events")) == 4, "a replayed file is not loaded again"


def test_a_preview_tells_and_changes_nothing(refused):
    before = state(refused)
    assert figures(preview(refused.settings, Selection())) == (3, 0, 0, 0)
    assert state(refused) == before


def test_what_still_breaks_a_rule_stays_as_it_is(refused, rule):
    rule("event = 'ugly'", code="another_rule")
    report = refused.quick_replay()
    assert figures(report) == (2, 0, 1, 0)
    assert [dict(file.reasons) for file in report.files] == [{"another_rule": 1}, {}]
    assert refused.rows("rejected_rows", "reasons", "resolved_at is null") == [("broken_rule",)]
    assert len(refused.rows("rejected_rows")) == 3


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({"company_id": "acme"}, [("dmy-co", 1)]),
        ({"company_id": "acm'e"}, [("acme", 2), ("acme", 3), ("dmy-co", 1)]),
        ({"path": "*/b.jsonl"}, [("acme", 2), ("acme", 3)]),
        ({"path": f"{EVENTS}/a.jsonl"}, [("dmy-co", 1)]),
        ({"reason": "broken_rule"}, []),
        ({"reason": "broken"}, [("acme", 2), ("acme", 3), ("dmy-co", 1)]),
    ],
)
def test_filters_choose_rows(refused, filters, left):
    refused.quick_replay(**filters)
    assert unresolved(refused) == left


def test_rows_of_a_file_that_are_not_chosen_stay(place, rule):
    place.write(f"{EVENTS}/a.jsonl", line("bad") + line("ugly") + line("bad"))
    rule("event = 'ugly'", code="ugly_rule")
    usual = rules.event_rules
    rules.event_rules = lambda: usual() | {"bad_rule": "event = 'bad'"}
    place.quick_load()
    rules.event_rules = usual
    rule(None)
    assert figures(place.quick_replay(reason="bad_rule")) == (2, 0, 0, 0)
    assert unresolved(place) == [("acme", 2)]
    assert figures(place.quick_replay(reason="ugly_rule")) == (1, 0, 0, 0)
    assert place.rows("events", "event") == [("bad",), ("bad",), ("ugly",)]


def test_a_file_that_is_gone_is_read_from_the_quarantine(refused):
    (refused.landing / EVENTS / "a.jsonl").unlink()
    assert figures(refused.quick_replay()) == (3, 0, 0, 0)
    [event] = refused.records("events", "event = 'ugly'")
    assert (event["line_number"], event["received_at"]) == (3, MODIFIED)


def test_a_file_with_another_content_is_not_read_for_the_old_rows(refused):
    refused.write(f"{EVENTS}/a.jsonl", line("new") * 9, MODIFIED + timedelta(days=2))
    assert figures(refused.quick_replay(company_id="acme")) == (2, 0, 0, 0)
    assert {row["event"] for row in refused.records("events")} == {"good", "bad", "ugly"}


def test_a_cut_text_and_a_gone_table_are_lost_and_said_so(place, rule):
    rule("event = 'bad'")
    long = {"properties": {"text": "x" * 9000}}
    place.write(f"{EVENTS}/a.jsonl", line("bad", **long) + line("bad"))
    place.write(f"{EVENTS}/b.csv", csv_text(GOOD, [{**GOOD, "event": "bad"}]))
    place.quick_load()
    rule(None)
    for name in ("a.jsonl", "b.csv"):
        (place.landing / EVENTS / name).unlink()
    assert figures(place.quick_replay()) == (1, 0, 0, 2)
    assert len(unresolved(place)) == 2


def test_rows_of_an_application_that_is_gone_stay(refused):
    applications = refused.folder / "seeds" / "applications.csv"
    kept = [text for text in applications.read_text().splitlines() if "acme,web" not in text]
    applications.write_text("\n".join(kept) + "\n")
    report = refused.quick_replay()
    assert figures(report) == (1, 0, 2, 0)
    assert report.files[0].reasons == {"unknown_application": 2}


def test_a_refused_file_is_tried_again(place, monkeypatch):
    place.write(f"{EVENTS}/a.csv", "event,user_hash\nx,y\n")
    place.write(f"{EVENTS}/b.parquet", "no parquet")
    place.write("nobody/apps/web/events/c.jsonl", line())
    place.quick_load()
    assert len(place.rows("rejected_files")) == 3
    report = place.quick_replay()
    assert not report.changes_anything
    assert sorted(reason for file in report.files for reason in file.reasons) == [
        "missing_column",
        "unknown_company",
        "unreadable_file",
    ]
    assert len(place.rows("rejected_files")) == 3
    monkeypatch.setattr("ingestion.events.files.REQUIRED", ("event",))
    report = place.quick_replay(path="*.csv")
    assert [(file.rows, file.refused) for file in report.files] == [(1, 1)]
    [load] = place.records("loaded_files")
    assert (load["rows_read"], load["rows_rejected"]) == (1, 1)
    assert place.quick_replay(path="*.csv").files[0].is_whole_file is False


def test_nothing_loaded_is_nothing_to_replay(place):
    assert place.quick_replay().files == []
    assert not preview(place.settings, Selection()).changes_anything


def test_parquet_rows_are_read_again_by_their_numbers(place, rule):
    import pyarrow as pa

    table = pa.Table.from_pylist([{**GOOD, "event": name} for name in ("a", "bad", "c")])
    place.write(f"{EVENTS}/a.parquet", parquet_bytes(table))
    rule("event = 'bad'")
    place.quick_load()
    rule(None)
    assert figures(place.quick_replay()) == (1, 0, 0, 0)
    assert place.rows("events", "event, line_number") == [("a", 1), ("bad", 2), ("c", 3)]
