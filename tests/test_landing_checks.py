"""The suites on the rows of schema raw: plausible ones pass, each kind of nonsense is found."""

from datetime import datetime

import duckdb
import pytest

from ingestion.settings import Settings
from orchestration.landing.accounting import LOADED_FILES
from orchestration.landing.checks import check_new_loads, is_validated
from orchestration.landing.expectations import ROW_SUITES
from orchestration.platform.progress import SilentReporter
from orchestration.quality.suites import data_docs
from orchestration.state.held_back import held_back
from orchestration.state.run_memory import RunMemory
from tests.support.raw_loads import load, make_raw

NOW = datetime(2025, 3, 1, 12)
GOOD = {
    "events": {
        "company_id": "acme",
        "app_id": "web",
        "event_id": "e1",
        "content_hash": "c1",
        "event": "page_view",
        "user_hash": "a" * 64,
        "customer_org_id": "org-1",
        "path": "/start",
        "ts_epoch": 1740830400,
        "environment": "production",
        "received_at": NOW,
        "source_path": "acme/apps/web/events/a.jsonl",
        "line_number": 1,
        "loaded_at": NOW,
    },
    "calls": {
        "company_id": "initech",
        "app_id": "web",
        "call_id": "c1",
        "content_hash": "h1",
        "vendor": "segment",
        "kind": "track",
        "is_automatic": False,
        "user_hash": "a" * 64,
        "event": "task.completed",
        "occurred_at": NOW,
        "is_time_sent": True,
        "received_at": NOW,
        "source_path": "initech/apps/web/calls/a.jsonl",
        "line_number": 1,
        "loaded_at": NOW,
    },
    "loaded_files": {
        "company_id": "acme",
        "kind": "events",
        "path": "acme/apps/web/events/a.jsonl",
        "checksum": "x",
        "bytes": 10,
        "modified_at": NOW,
        "rows_read": 3,
        "rows_accepted": 1,
        "rows_rejected": 1,
        "rows_duplicate": 1,
    },
    "organization_versions": {
        "company_id": "acme",
        "external_org_id": "org-1",
        "display_name": "One",
        "version_number": 1,
        "valid_from": NOW,
    },
    "subscription_versions": {
        "company_id": "acme",
        "subscription_id": "s1",
        "external_org_id": "org-1",
        "product_code": "pro",
        "mrr": 99,
        "currency": "EUR",
        "start_at": NOW.date(),
        "end_at": NOW.date(),
        "status": "active",
        "version_number": 1,
        "valid_from": NOW,
    },
    "rejected_rows": {
        "row_id": "r1",
        "company_id": "acme",
        "source": "events",
        "path": "acme/apps/web/events/a.jsonl",
        "line_number": 2,
        "reasons": "event_missing",
    },
}
BAD = [
    ("events", {"user_hash": "a" * 63}),
    ("events", {"user_hash": "a" * 65}),
    ("events", {"user_hash": None}),
    ("events", {"event_id": None}),
    ("events", {"customer_org_id": ""}),
    ("events", {"company_id": None}),
    ("events", {"ts_epoch": -1}),
    ("events", {"received_at": datetime(1960, 1, 1)}),
    ("events", {"path": "/" * 2049}),
    ("calls", {"user_hash": "a" * 63}),
    ("calls", {"user_hash": None}),
    ("calls", {"call_id": None}),
    ("calls", {"kind": "delete"}),
    ("calls", {"occurred_at": None}),
    ("calls", {"path": "/" * 2049}),
    ("loaded_files", {"kind": "calls"}),
    ("loaded_files", {"rows_read": 7}),
    ("loaded_files", {"rows_accepted": 3, "rows_duplicate": -1}),
    ("loaded_files", {"rows_accepted": 2, "rows_duplicate": 0}),
    ("loaded_files", {"rows_rejected": 0, "rows_duplicate": 2}),
    ("organization_versions", {"display_name": ""}),
    ("organization_versions", {"version_number": 0}),
    ("subscription_versions", {"mrr": -1}),
    ("subscription_versions", {"currency": "eur"}),
    ("subscription_versions", {"status": "cancelled"}),
    ("subscription_versions", {"start_at": datetime(2025, 3, 2)}),
    ("rejected_rows", {"reasons": ""}),
    ("rejected_rows", {"line_number": 0}),
]


@pytest.fixture
def settings(tmp_path) -> Settings:
    settings = Settings(warehouse=tmp_path / "tracker.duckdb", now=NOW, _env_file=None)
    make_raw(settings)
    return settings


def check(settings, **options):
    """The verdicts by table; of the two suites on loaded_files, the one on its rows."""
    verdicts = check_new_loads(settings, SilentReporter(), **options)
    rows = {suite.name for suite in (*ROW_SUITES, LOADED_FILES)}
    return {
        suite.asset[1]: verdict
        for suite, verdict in verdicts.items()
        if suite.name in rows and verdict is not None
    }


def columns(settings):
    verdicts = check_new_loads(settings, SilentReporter())
    return next(v for suite, v in verdicts.items() if suite.name == "columns_are_as_defined")


def test_every_row_suite_has_an_example():
    assert {suite.asset[1] for suite in (*ROW_SUITES, LOADED_FILES)} == set(GOOD)


def test_plausible_rows_pass_and_are_not_looked_at_again(settings):
    load(settings, "1740000000.1", **GOOD)
    assert not is_validated(settings)
    verdicts = check(settings)
    assert {table: verdict.text() for table, verdict in verdicts.items()} == dict.fromkeys(GOOD, "")
    assert all(verdict.expectations >= 3 for verdict in verdicts.values())
    assert is_validated(settings)
    assert check(settings) == {}


def test_each_kind_of_nonsense_fails_and_goes_on_failing(settings):
    """All kinds at once, each of a company and a load of its own, beside a good one."""
    load(settings, "1740000000.0", **GOOD)
    for number, (table, change) in enumerate(BAD, 1):
        company = {"company_id": f"bad-{number}"}
        rows = {name: {**row, **company, "load_id": f"bad-{number}"} for name, row in GOOD.items()}
        rows[table] |= change
        load(settings, f"1740000000.{number:02}", **{n: without(r, n) for n, r in rows.items()})
    found = check(settings)
    for number, (table, change) in enumerate(BAD, 1):
        sign = "company_id is missing" if "company_id" in change else f"bad-{number} "
        assert any(sign in error.replace(":", " ") for error in found[table].errors), (
            table,
            change,
        )
    assert not [e for verdict in found.values() for e in verdict.errors if e.startswith("acme")]
    assert check(settings) == found
    assert not is_validated(settings)


def without(row, table):
    """Only loaded_files and rejected_rows name their load."""
    names_load = table in ("loaded_files", "rejected_rows")
    return {name: value for name, value in row.items() if name != "load_id" or names_load}


def test_a_failure_says_where_what_and_what_to_do(settings):
    load(settings, "1740000000.1", **{**GOOD, "events": {**GOOD["events"], "user_hash": "short"}})
    first, second = check(settings)["events"].errors
    assert first == (
        "acme web acme/apps/web/events/a.jsonl: shortest_user_hash is 5, not 64"
        " -> look at raw.events of that file: loading should have refused such rows"
    )
    assert "longest_user_hash" in second


def test_an_event_that_is_there_twice_is_found(settings):
    load(settings, "1740000000.1", **{**GOOD, "events": [GOOD["events"]] * 2})
    verdicts = check(settings)
    assert "rows_with_a_known_key is 1, not 0" in verdicts["events"].errors[0]
    assert verdicts["loaded_files"].errors, "two rows where the load accepted one"


def test_a_key_that_comes_again_in_another_load_is_found_by_the_full_scan(settings):
    load(settings, "1740000000.1", **GOOD)
    check(settings)
    load(settings, "1740000000.2", **GOOD)
    assert not check(settings)["events"].errors
    assert check(settings, full_scan=True)["events"].errors


def test_a_failure_is_found_among_good_rows_of_other_loads(settings):
    load(settings, "1740000000.1", **GOOD)
    assert not check(settings)["events"].errors
    load(settings, "1740000000.2", **{**GOOD, "events": {**GOOD["events"], "user_hash": "short"}})
    assert check(settings)["events"].errors
    load(settings, "1740000000.3", **GOOD)
    assert "shortest_user_hash" in check(settings)["events"].text()


def held(settings) -> set[str]:
    return set(held_back(RunMemory(settings), {"acme", "globex"}))


def of(company, **changes):
    """The rows of GOOD, some of them changed, as rows of another company.

    Calls stay where no file is, as another call: the figures of GOOD are its events' figures.
    """
    return {
        table: {**row, **changes.get(table, {})}
        | ({"call_id": company} if table == "calls" else {"company_id": company})
        for table, row in GOOD.items()
    }


def test_a_company_is_held_back_until_its_own_rows_pass(settings):
    bad = of("globex", events={"user_hash": "short"})
    load(settings, "1740000000.1", **{table: [GOOD[table], bad[table]] for table in GOOD})
    verdict = check(settings)["events"]
    assert not verdict.blocks
    assert set(verdict.causes) == held(settings) == {"globex"}
    assert is_validated(settings), "the others are"
    # Another's loads pass, and its own are looked at again: also rows that are corrected in place.
    load(settings, "1740000000.2", **of("acme", calls={"content_hash": "h2"}))
    assert set(check(settings)["events"].causes) == {"globex"}
    assert held(settings) == {"globex"}
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("update raw.events set user_hash = repeat('a', 64)")
    assert check(settings)["events"].passed
    assert held(settings) == set()
    assert check(settings) == {}


def test_a_load_that_does_not_add_up_is_the_fault_of_its_company_alone(settings):
    bad = of("globex", loaded_files={"rows_accepted": 2, "rows_duplicate": 0})
    load(settings, "1740000000.1", **{table: [GOOD[table], bad[table]] for table in GOOD})
    assert set(check(settings)["loaded_files"].causes) == held(settings) == {"globex"}


def test_what_is_of_no_company_passes_for_nobody(settings):
    load(settings, "1740000000.1", **{**GOOD, "events": {**GOOD["events"], "company_id": None}})
    assert check(settings)["events"].blocks
    assert not is_validated(settings)
    assert held(settings) == set()


def test_names_of_files_are_text_in_the_pages_and_as_they_are_in_messages(settings):
    path = "acme/apps/web/events/<script>alert('a & b')</script>.jsonl"
    bad = {**GOOD["events"], "user_hash": "short", "source_path": path}
    load(settings, "1740000000.1", **{**GOOD, "events": bad})
    assert f"acme web {path}: shortest_user_hash is 5" in check(settings)["events"].errors[0]
    pages = [page.read_text("utf-8") for page in data_docs(settings).rglob("*.html")]
    assert any("alert(" in page for page in pages)
    assert not any("<script>alert" in page for page in pages)


def test_a_new_warehouse_is_looked_at_from_the_start(settings):
    notes = {"up_to": "1999999999.9", "held_back": {}}
    RunMemory(settings).set("validated_load_id", notes)
    load(settings, "1740000000.1", **{**GOOD, "events": {**GOOD["events"], "event_id": None}})
    assert check(settings)["events"].errors


def test_nothing_loaded_is_nothing_to_object_to(settings):
    assert check(settings) == {}
    assert is_validated(settings)


@pytest.mark.parametrize(
    "change",
    [
        "alter table raw.events drop column plan",
        "alter table raw.events add column note varchar",
        "alter table raw.subscription_versions alter column mrr type double",
        "drop table raw.row_resolutions",
    ],
)
def test_columns_that_are_not_as_defined_block(settings, change):
    assert columns(settings).passed
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(change)
    assert columns(settings).blocks


def test_what_was_judged_before_is_not_judged_again(settings, monkeypatch):
    """Great Expectations takes seconds to import: a run with nothing new must do without."""
    load(settings, "1740000000.1", **GOOD)
    check(settings)
    monkeypatch.setattr("orchestration.quality.validation.validate", pytest.fail)
    assert check(settings) == {}
    assert columns(settings).passed


def test_the_data_docs_hold_a_page_per_suite(settings):
    load(settings, "1740000000.1", **{**GOOD, "events": {**GOOD["events"], "user_hash": "short"}})
    check(settings)
    site = data_docs(settings)
    assert "events_are_plausible" in (site / "index.html").read_text()
    pages = list((site / "validations" / "events_are_plausible").rglob("*.html"))
    assert len(pages) == 1
    assert "shortest_user_hash" in pages[0].read_text()
