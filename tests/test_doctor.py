"""``doctor``: every kind of finding, with what to fix."""

import json
import subprocess
import sys
from datetime import datetime

import duckdb
import pytest
import yaml

from orchestration.cli.context import load_settings
from orchestration.cli.invocation import invoke
from orchestration.platform.instance import prepare_dagster_home
from tests.support.raw_loads import load, make_raw

HOLD = """
import sys, time, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    (tmp_path / "landing").mkdir()
    for name, value in {
        "LANDING": "landing",
        "WAREHOUSE": "warehouse/tracker.duckdb",
        "SERVING": "serving",
    }.items():
        monkeypatch.setenv(f"SAAS_TRACKER_{name}", str(tmp_path / value))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    for name in ("SEEDS", "NOW", "TARGET"):
        monkeypatch.delenv(f"SAAS_TRACKER_{name}", raising=False)
    (tmp_path / "warehouse").mkdir()
    return tmp_path


@pytest.fixture
def find(capsys):
    """The findings on a subject, and the exit code."""

    def findings(subject):
        capsys.readouterr()
        code = invoke(["doctor", "--json"])
        found = json.loads(capsys.readouterr().out)
        return code, [finding for finding in found if finding["subject"] == subject]

    return findings


def only(found, status):
    code, (finding,) = found
    assert finding["status"] == status
    assert code == (1 if status == "error" else 0)
    return finding


def seeds(home, monkeypatch, companies, applications):
    folder = home / "seeds"
    folder.mkdir()
    (folder / "companies.csv").write_text(
        "company_id,name,plan,reporting_currency,date_order\n" + companies
    )
    (folder / "applications.csv").write_text("company_id,app_id,name\n" + applications)
    monkeypatch.setenv("SAAS_TRACKER_SEEDS", str(folder))


def test_a_healthy_start_has_nothing_to_mend(home, find):
    assert only(find("registry"), "ok")["message"] == "companies: acme, globex"
    assert only(find("packages"), "ok")
    assert only(find("lock"), "ok")["message"] == "free"
    assert only(find("disk space"), "ok")
    assert only(find("Dagster pool"), "ok")
    assert only(find("quality gates"), "ok")
    assert "saas-tracker run" in only(find("warehouse file"), "warning")["advice"]
    assert "saas-tracker run" in only(find("published copies"), "warning")["advice"]


def test_a_stopped_clock_is_told(home, find, monkeypatch):
    monkeypatch.setenv("SAAS_TRACKER_NOW", "2025-03-10T12:00:00Z")
    assert "2025-03-10" in only(find("clock"), "warning")["message"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TARGET", "postgres", "there is no such target"),
        ("LAKE_FORMAT", "delta", "only iceberg can be read"),
    ],
)
def test_a_target_that_cannot_be_built_is_refused(
    home, find, capsys, monkeypatch, name, value, words
):
    monkeypatch.setenv("SAAS_TRACKER_TARGET", "spark")
    monkeypatch.setenv(f"SAAS_TRACKER_{name}", value)
    found = only(find("dbt target"), "error")
    assert words in found["message"]
    assert "duckdb" in found["advice"]
    assert invoke(["run"]) == 1
    assert words in capsys.readouterr().err


def test_packages_that_are_not_as_locked(home, find, monkeypatch):
    monkeypatch.setattr("orchestration.cli.doctor.version", lambda name: "0.0.1")
    assert only(find("packages"), "error")["advice"] == "make setup"


def test_a_company_without_an_application(home, find, monkeypatch):
    seeds(home, monkeypatch, "acme,Acme,growth,EUR,\nbare,Bare,growth,EUR,\n", "acme,web,Web\n")
    _, (names, bare) = find("registry")
    assert names["message"] == "companies: acme, bare"
    assert (bare["status"], bare["message"][:4]) == ("warning", "bare")


def test_reference_data_that_is_wrong_is_listed(home, find, monkeypatch):
    seeds(home, monkeypatch, "../acme,Acme,growth,EUR,\nb,B,grwoth,EUR,\n", "b,web,Web\n")
    code, (_, malformed, plan) = find("reference data")
    assert code == 1
    assert "companies.csv line 2: company_id '../acme'" in malformed["message"]
    assert plan["message"].endswith("line 3: plan 'grwoth' is unknown; did you mean 'growth'?")
    assert plan["status"] == "error"


def test_a_landing_zone_that_is_not_there(home, find):
    (home / "landing").rmdir()
    assert "cannot be listed" in only(find("landing files"), "error")["message"]


def test_a_landing_zone_that_cannot_be_reached(home, find, monkeypatch):
    monkeypatch.setenv("SAAS_TRACKER_LANDING", "nosuchprotocol://bucket")
    assert "driver" in only(find("landing files"), "error")["advice"]


def test_files_elsewhere_and_of_unknown_companies_are_listed(home, find):
    for path in (
        "acme/imports/organizations/a.xlsx",
        "acme/apps/web/a.jsonl",
        "b/apps/w/events/c.csv",
    ):
        file = home / "landing" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    code, (counts, others, unknown) = find("landing files")
    assert code == 0
    assert counts["message"] == "1 events"
    assert "acme/apps/web/a.jsonl, acme/imports/organizations/a.xlsx" in others["message"]
    assert "b/apps/w/events/c.csv" in unknown["message"]


def test_a_file_that_is_no_warehouse(home, find):
    (home / "warehouse" / "tracker.duckdb").write_text("no database " * 500)
    assert "raw is loaded again" in only(find("warehouse file"), "error")["advice"]


def test_a_warehouse_is_described(home, find):
    with duckdb.connect(str(home / "warehouse" / "tracker.duckdb")) as connection:
        connection.execute("create schema marts; create table marts.companies (company_id text)")
    assert "1 in marts" in only(find("warehouse file"), "ok")["message"]


def test_another_program_that_has_the_warehouse_open(home, find):
    warehouse = home / "warehouse" / "tracker.duckdb"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(warehouse)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline().strip() == "held"
        assert str(process.pid) in only(find("warehouse file"), "warning")["message"]
    finally:
        process.kill()
        process.wait()


def test_too_little_room(home, find, monkeypatch):
    monkeypatch.setattr("orchestration.cli.state_checks._LEAST_FREE_BYTES", 10**18)
    assert "make room" in only(find("disk space"), "error")["advice"]


def test_a_folder_that_cannot_be_written(home, find, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: path != home)
    messages = [finding["message"] for finding in find("disk space")[1]]
    assert f"{home} cannot be written" in messages  # the serving folder would be made there


def test_limits_that_make_no_sense(home, find, monkeypatch):
    monkeypatch.setenv("SAAS_TRACKER_QUALITY_MAX_REJECTED_SHARE", "25")
    assert "QUALITY_MAX_REJECTED_SHARE is '25'" in only(find("quality gates"), "error")["message"]


def test_a_gate_that_failed_last_is_told(home, find, monkeypatch):
    from ingestion.settings import Settings
    from orchestration.landing.checks import check_new_loads
    from orchestration.platform.progress import SilentReporter
    from tests.support.raw_loads import make_raw

    make_raw(Settings())
    with duckdb.connect(str(Settings().warehouse)) as connection:
        connection.execute("alter table raw.events drop column plan")
    check_new_loads(Settings(), SilentReporter())
    code, (_, failed) = find("quality gates")
    assert (code, failed["status"]) == (1, "error")
    assert "raw.events.plan" in failed["message"]


def test_an_instance_that_lets_two_writers_in(home, find):
    configuration = prepare_dagster_home() / "dagster.yaml"
    assert only(find("Dagster pool"), "ok")["message"] == "one writer at a time"
    configuration.unlink()
    configuration.write_text(yaml.safe_dump({"concurrency": {"pools": {"default_limit": 4}}}))
    assert "default_limit to 1" in only(find("Dagster pool"), "error")["advice"]


def test_published_copies_are_counted(home, find):
    (home / "serving").mkdir()
    (home / "serving" / "all.duckdb").touch()
    assert only(find("published copies"), "ok")["message"] == "1"


def test_what_comes_by_two_routes(home, find):
    for kind in ("events", "calls"):
        folder = home / "landing" / "acme" / "apps" / "web" / kind
        folder.mkdir(parents=True)
        (folder / "a.jsonl").write_text("")
    settings = load_settings()
    make_raw(settings)
    days = [("segment", 1), ("segment", 5), ("posthog", 4), ("mixpanel", 6)]
    calls = [
        {
            "company_id": "acme",
            "app_id": "app",
            "vendor": vendor,
            "occurred_at": datetime(2026, 3, day),
        }
        for vendor, day in days
    ]
    load(settings, "1", calls=calls)
    _, found = find("landing files")
    [finding] = [item for item in found if "two routes" in item["message"]]
    assert finding["status"] == "warning"
    assert "acme web: files of events and of calls" in finding["message"]
    overlap = "acme app: calls of posthog and segment from 2026-03-04 to 2026-03-04"
    assert finding["message"].endswith(overlap)
