"""A file with too many rejects is refused whole; what it takes for that, and the way back."""

import json

import pytest

from orchestration.cli import replay as cli_replay
from tests.ingestion.place import Place

EVENTS = "acme/apps/web/events/{}.jsonl"
ORGANIZATIONS = "acme/imports/organizations/{}.csv"


def lines(good: int, bad: int, name: str = "") -> str:
    event = {"event": "x", "user_hash": "a" * 64, "customer_org_id": "o"}
    rows = [{**event, "event_id": f"{name}{n}"} for n in range(good)]
    rows += [{**event, "user_hash": "short"} for _ in range(bad)]
    return "".join(json.dumps(row) + "\n" for row in rows)


def sheet(good: int, bad: int) -> str:
    rows = [f"{n},Name {n}" for n in range(good)] + [f"b{n}," for n in range(bad)]
    return "\n".join(["org_id,name", *rows]) + "\n"


@pytest.fixture
def known(place: Place) -> Place:
    """Each source has sent a file before, with one reject in a hundred."""
    place.write(EVENTS.format("a"), lines(99, 1, "a"))
    place.write(ORGANIZATIONS.format("a"), sheet(99, 1))
    place.quick_load()
    return place


def refused(place: Place) -> dict[str, tuple[str, str]]:
    return {row["path"]: (row["reason"], row["detail"]) for row in place.records("rejected_files")}


def test_a_file_with_sudden_rejects_leaves_nothing_but_its_refusal(known: Place) -> None:
    before = {name: known.records(name) for name in ("events", "rejected_rows", "loaded_files")}
    known.write(EVENTS.format("b"), lines(140, 60, "b"))
    known.quick_load()
    ((path, (reason, detail)),) = refused(known).items()
    assert (path, reason) == (EVENTS.format("b"), "too_many_rejects")
    assert "60 of 200 rows are rejected" in detail
    assert "user_hash_not_64_characters (line 141); usually it is 1.0%" in detail
    assert {name: known.records(name) for name in before} == before
    # Neither is it read again, nor refused again.
    known.quick_load()
    assert len(known.records("rejected_files")) == 1


def test_other_files_of_the_load_are_loaded(known: Place) -> None:
    known.write(EVENTS.format("b"), lines(100, 100, "b"))
    known.write(EVENTS.format("c"), lines(300, 10, "c"))
    known.quick_load()
    assert set(refused(known)) == {EVENTS.format("b")}
    ids = {row["event_id"] for row in known.records("events")}
    assert {"c0", "c299"} <= ids
    assert "b0" not in ids


@pytest.mark.parametrize(
    ("good", "bad", "is_refused"),
    [(150, 50, False), (149, 51, True), (99, 100, False), (100, 100, True), (0, 200, True)],
)
def test_it_takes_enough_rows_and_more_than_a_quarter(
    known: Place, good: int, bad: int, is_refused: bool
) -> None:
    known.write(EVENTS.format("b"), lines(good, bad, "b"))
    known.quick_load()
    assert bool(refused(known)) is is_refused


def test_three_times_the_usual_share_and_a_past_of_its_own(known: Place) -> None:
    place = known
    place.write("acme/apps/mobile/events/a.jsonl", lines(10, 190))
    place.quick_load()
    assert refused(place) == {}, "the first file of a source is seen row by row"
    place.write("acme/apps/mobile/events/b.jsonl", lines(1, 200))
    place.quick_load()
    assert refused(place) == {}, "it has always been so"


def test_an_import_is_judged_as_a_whole(known: Place) -> None:
    versions = known.records("organization_versions")
    history = known.records("import_history")
    known.write(ORGANIZATIONS.format("b"), sheet(100, 100).replace("Name", "Other"))
    known.quick_load()
    reason, detail = refused(known)[ORGANIZATIONS.format("b")]
    assert reason == "too_many_rejects"
    assert "100 of 200 rows are rejected, most often missing_value (line 102)" in detail
    assert known.records("organization_versions") == versions
    assert known.records("import_history") == history


def test_rows_that_wait_for_their_organization_are_no_rejects(known: Place) -> None:
    head = "external_org_id,product_code,mrr,currency,start_at\n"
    subscriptions = "acme/imports/subscriptions/{}.csv"
    known.write(subscriptions.format("a"), head + "1,pro,9,EUR,2024-01-01\n")
    known.quick_load()
    rows = "".join(f"later-{n},pro,9,EUR,2024-01-01\n" for n in range(200))
    known.write(subscriptions.format("b"), head + rows)
    known.quick_load()
    assert refused(known) == {}
    assert len(known.records("rejected_rows", "source = 'subscriptions'")) == 200


def test_a_corrected_file_is_loaded(known: Place) -> None:
    known.write(EVENTS.format("b"), lines(100, 100, "b"))
    known.quick_load()
    known.write(EVENTS.format("b"), lines(200, 0, "b"))
    known.quick_load()
    assert "b199" in {row["event_id"] for row in known.records("events")}


def test_a_replay_takes_the_good_rows(known: Place) -> None:
    known.write(EVENTS.format("b"), lines(100, 100, "b"))
    known.quick_load()
    known.quick_replay(reason="too_many_rejects")
    assert "b99" in {row["event_id"] for row in known.records("events")}
    assert len(known.records("rejected_rows", "source = 'events'")) == 1 + 100


@pytest.mark.parametrize(
    ("name", "value"),
    [("MAX_REJECTED_SHARE", "1"), ("MIN_ROWS", "201"), ("BLOCKS", "none")],
)
def test_the_limits_are_those_of_the_gate(known: Place, monkeypatch, name, value) -> None:
    monkeypatch.setenv(f"SAAS_TRACKER_QUALITY_{name}", value)
    known.write(EVENTS.format("b"), lines(100, 100, "b"))
    known.quick_load()
    assert refused(known) == {}


def test_a_replay_says_what_the_run_may_object_to(
    known: Place, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    known.write(EVENTS.format("b"), lines(140, 60, "b"))
    known.quick_load()
    monkeypatch.setattr(cli_replay, "load_settings", lambda: known.settings)
    command = {"path": None, "reason": "too_many_rejects", "as_json": False}
    for apply in (False, True):
        capsys.readouterr()
        assert cli_replay.replay("acme", apply=apply, **command) == 3
        advice = "SAAS_TRACKER_QUALITY_MAX_REJECTED_SHARE=1 saas-tracker run"
        assert (advice in capsys.readouterr().out) is apply
