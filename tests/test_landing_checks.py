"""The suites on schema raw: plausible rows pass, each kind of nonsense is found and stays so."""

from datetime import datetime

import duckdb
import pytest

from ingestion.raw_tables import RAW_TABLES
from ingestion.settings import Settings
from orchestration.landing.checks import check_new_loads
from orchestration.landing.expectations import RAW_SUITES
from orchestration.memory import RunMemory
from orchestration.progress import SilentReporter

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
    "loaded_files": {
        "company_id": "acme",
        "kind": "events",
        "path": "acme/apps/web/events/a.jsonl",
        "checksum": "x",
        "bytes": 10,
        "rows_read": 6,
        "rows_accepted": 3,
        "rows_rejected": 2,
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
    ("loaded_files", {"rows_read": 7}),
    ("loaded_files", {"rows_accepted": 7, "rows_rejected": -2}),
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
    settings = Settings(warehouse=tmp_path / "tracker.duckdb", _env_file=None)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw._dlt_loads (load_id varchar)")
        for table in RAW_TABLES:
            columns = ", ".join(f"{name} {kind}" for name, kind in table.duckdb_columns().items())
            connection.execute(f"create table raw.{table.name} ({columns})")
    return settings


def load(settings, load_id, **tables):
    with duckdb.connect(str(settings.warehouse)) as connection:
        for table, row in tables.items():
            values = {**row, "_dlt_load_id": load_id}
            marks = ", ".join("?" for _ in values)
            connection.execute(
                f"insert into raw.{table} ({', '.join(values)}) values ({marks})",
                list(values.values()),
            )
        connection.execute("insert into raw._dlt_loads values (?)", [load_id])


def check(settings):
    return check_new_loads(settings, RunMemory(settings), SilentReporter())


def test_every_suite_has_an_example():
    assert {suite.table for suite in RAW_SUITES} == set(GOOD)


def test_plausible_rows_pass_and_are_not_looked_at_again(settings):
    load(settings, "1740000000.1", **GOOD)
    verdicts = check(settings)
    assert set(verdicts) == set(GOOD)
    assert {table: verdict.failures for table, verdict in verdicts.items()} == {
        table: [] for table in GOOD
    }
    assert all(verdict.expectations >= 3 for verdict in verdicts.values())
    assert check(settings) == {}


@pytest.mark.parametrize(("table", "change"), BAD)
def test_nonsense_fails_and_goes_on_failing(settings, table, change):
    load(settings, "1740000000.1", **{table: {**GOOD[table], **change}})
    verdict = check(settings)[table]
    assert not verdict.passed
    assert verdict.failures
    assert not check(settings)[table].passed


def test_a_failure_is_found_among_good_rows_of_other_loads(settings):
    load(settings, "1740000000.1", events=GOOD["events"])
    assert check(settings)["events"].passed
    load(settings, "1740000000.2", events={**GOOD["events"], "user_hash": "short"})
    assert not check(settings)["events"].passed
    load(settings, "1740000000.3", events=GOOD["events"])
    verdict = check(settings)["events"]
    assert not verdict.passed
    assert "shortest_user_hash" in verdict.failures[0]


def test_a_warehouse_made_anew_is_looked_at_from_the_start(settings):
    RunMemory(settings).set("validated_load_id", "1999999999.9")
    load(settings, "1740000000.1", events={**GOOD["events"], "event_id": None})
    assert not check(settings)["events"].passed


def test_nothing_loaded_is_nothing_to_object_to(settings):
    assert check(settings) == {}
