"""Withdrawals of particular kinds: files that are gone, names, a kill, files that come back."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest

from ingestion.errors import UserError
from ingestion.settings import PROJECT_ROOT
from ingestion.withdrawal import apply, preview
from tests.ingestion.event_cases import GOOD
from tests.ingestion.place import MODIFIED, NOW, Place, csv_text
from tests.ingestion.subscription_sheets import row, sheet
from tests.ingestion.test_withdrawal import CALLS, EVENTS, IMPORTS, raw_rows

SUBSCRIPTIONS = f"{IMPORTS}/subscriptions"
# Ends the process where all rows are replaced and nothing is committed yet.
KILL = """
import os, pickle, sys
from ingestion import withdrawal
from ingestion.withdrawal import commit
settings, what = pickle.loads(bytes.fromhex(sys.argv[1]))
commit.resolve_rows = lambda *_args, **_options: os._exit(9)
withdrawal.apply(settings, what)
"""


def line(**fields: object) -> str:
    return json.dumps({**GOOD, **fields}) + "\n"


def send(place: Place, day: int, **files: str) -> None:
    """Files of one load; the names stand for paths."""
    place.now = NOW + timedelta(days=day)
    for path, content in files.items():
        place.write(path, content, MODIFIED + timedelta(days=day))
    place.quick_load()


def organizations(*ids: str) -> str:
    return csv_text(("org_id", "name"), [(org_id, org_id.upper()) for org_id in ids])


def amounts(place: Place) -> list[tuple]:
    return place.rows("subscription_versions", "product_code, version_number, mrr::integer")


@pytest.fixture
def place(place: Place) -> Place:
    """Two files with an event in common, and an import that another one continued."""
    send(
        place,
        0,
        **{
            f"{EVENTS}/a.jsonl": line() + line(event="own"),
            f"{IMPORTS}/organizations/o.csv": organizations("o1"),
            f"{SUBSCRIPTIONS}/1.csv": sheet(row(1, mrr="10"), row(2, mrr="10")),
        },
    )
    send(
        place,
        1,
        **{
            f"{EVENTS}/b.jsonl": line() + line(event="other"),
            f"{SUBSCRIPTIONS}/2.csv": sheet(row(1, mrr="20"), row(2, mrr="10")),
        },
    )
    return place


def test_the_preview_says_what_it_comes_to(place: Place) -> None:
    before = raw_rows(place)
    report = preview(place.settings, f"{EVENTS}/a.jsonl")
    [effect] = report.companies
    assert (effect.events, effect.returning_events, effect.organizations_with_events) == (2, 1, 1)
    assert report.read_again == [f"{EVENTS}/b.jsonl"]
    assert not report.applied
    report = preview(place.settings, f"{SUBSCRIPTIONS}/2.csv")
    [effect] = report.companies
    assert effect.subscription_versions == 1
    assert (effect.mrr_before, effect.mrr_after) == ({"EUR": 30}, {"EUR": 20})
    assert raw_rows(place) == before


def test_calls_of_a_withdrawn_file_stay_where_another_file_has_them(place: Place) -> None:
    shared, own = ({"type": "track", "event": name, "userId": "u"} for name in ("shared", "own"))
    send(place, 2, **{f"{CALLS}/a.jsonl": json.dumps({"batch": [shared, own]})})
    send(place, 3, **{f"{CALLS}/b.jsonl": json.dumps(shared)})
    calls = "event, source_path, line_number, item_number"
    assert place.rows("calls", calls) == [
        ("own", f"{CALLS}/a.jsonl", 1, 2),
        ("shared", f"{CALLS}/a.jsonl", 1, 1),
    ]
    apply(place.settings, f"{CALLS}/a.jsonl")
    assert place.rows("calls", calls) == [("shared", f"{CALLS}/b.jsonl", 1, None)]
    assert len(place.rows("events")) == 3


def test_days_and_organizations_that_change_are_recorded(place: Place) -> None:
    apply(place.settings, f"{EVENTS}/a.jsonl")
    rows = place.rows("withdrawals", "company_id, external_org_id, first_day::varchar")
    assert rows == [("acme", "org", "2024-05-01")]
    [(path, load_id)] = place.rows("withdrawn_files", "path, load_id")
    assert path == f"{EVENTS}/a.jsonl"
    loads = [load for (load,) in place.rows("_dlt_loads", "load_id")]
    assert load_id == max(loads), "later than every load before it"
    apply(place.settings, f"{SUBSCRIPTIONS}/1.csv")
    rows = place.rows(
        "withdrawals", "external_org_id, first_day::varchar", "first_day < '2024-05-01'"
    )
    assert rows == [(None, "2024-01-01")]


def test_a_file_that_is_not_there_is_named_with_the_nearest(place: Place) -> None:
    with pytest.raises(UserError, match=r"did you mean acme/apps/web/events/a\.jsonl"):
        preview(place.settings, f"{EVENTS}/aa.jsonl")
    with pytest.raises(UserError, match="not loaded for company 'dmy-co'"):
        preview(place.settings, f"{EVENTS}/a.jsonl", "dmy-co")
    local = str(place.landing / EVENTS / "a.jsonl")
    assert preview(place.settings, local).target == f"{EVENTS}/a.jsonl"


def test_another_content_of_the_path_is_loaded_again(place: Place) -> None:
    apply(place.settings, f"{EVENTS}/a.jsonl")
    send(place, 2, **{f"{EVENTS}/a.jsonl": line(event="corrected")})
    assert ("corrected",) in place.rows("events", "event", f"source_path = '{EVENTS}/a.jsonl'")
    # The content of before is still withdrawn, also under a newer time.
    apply(place.settings, f"{EVENTS}/a.jsonl")
    send(place, 3, **{f"{EVENTS}/a.jsonl": line() + line(event="own")})
    assert place.rows("events", "event", f"source_path = '{EVENTS}/a.jsonl'") == []


def test_a_later_event_file_that_is_gone_is_named(place: Place) -> None:
    (place.landing / EVENTS / "b.jsonl").unlink()
    report = apply(place.settings, f"{EVENTS}/a.jsonl")
    assert (report.read_again, report.gone) == ([], [f"{EVENTS}/b.jsonl"])
    assert place.rows("events", "event") == [("other",)]


def test_of_a_later_import_that_is_gone_what_it_changed_stays(place: Place) -> None:
    (place.landing / SUBSCRIPTIONS / "2.csv").unlink()
    report = apply(place.settings, f"{SUBSCRIPTIONS}/1.csv")
    assert report.gone == [f"{SUBSCRIPTIONS}/2.csv"]
    # Its row 2 had changed nothing, so nobody knows of it any more.
    assert amounts(place) == [("product-1", 1, 20)]


def test_rows_of_a_replay_come_again_with_their_time(place: Place) -> None:
    send(place, 2, **{f"{SUBSCRIPTIONS}/3.csv": sheet(row(3, currency="BRL"))})
    with (place.folder / "seeds" / "exchange_rates.csv").open("a") as stream:
        stream.write("2024-01-02,BRL,5\n")
    place.now = NOW + timedelta(days=3)
    place.quick_replay()
    before = place.rows("subscription_versions", "*", "product_code = 'product-3'")
    assert len(before) == 1
    apply(place.settings, f"{SUBSCRIPTIONS}/2.csv")
    assert amounts(place) == [("product-1", 1, 10), ("product-2", 1, 10), ("product-3", 1, 10)]


def test_a_killed_withdrawal_has_changed_nothing_and_can_be_made_again(place: Place) -> None:
    import pickle

    what = f"{EVENTS}/a.jsonl"
    before = raw_rows(place)
    arguments = pickle.dumps((place.settings, what)).hex()
    killed = subprocess.run(
        [sys.executable, "-c", KILL, arguments], cwd=PROJECT_ROOT, check=False, timeout=300
    )
    assert killed.returncode == 9
    assert raw_rows(place) == before
    assert place.rows("withdrawn_files") == place.rows("withdrawals") == []
    assert apply(place.settings, what).applied
    assert ("own",) not in place.rows("events", "event")


def test_the_next_load_of_dlt_goes_on_after_a_withdrawal(tmp_path) -> None:
    place = Place(tmp_path / "real")
    place.write(f"{EVENTS}/a.jsonl", line() + line(event="own"))
    place.load()
    place.write(f"{EVENTS}/b.jsonl", line(), MODIFIED + timedelta(days=1))
    place.load()
    apply(place.settings, f"{EVENTS}/a.jsonl")
    place.write(f"{EVENTS}/c.jsonl", line(event="later"), MODIFIED + timedelta(days=2))
    place.load()
    assert place.rows("events", "event, source_path") == [
        ("later", f"{EVENTS}/c.jsonl"),
        ("login", f"{EVENTS}/b.jsonl"),
    ]
    assert len(place.rows("withdrawals")) == 1, "the load's recovery leaves it"
    loads = [load for (load,) in place.query("select load_id from raw._dlt_loads order by rowid")]
    assert loads == sorted(loads)
