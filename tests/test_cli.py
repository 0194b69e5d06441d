"""The command line at its boundary: exit codes, one-line errors, JSON, what is written where."""

import csv
import json
import subprocess
import sys
import time
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import UserError
from ingestion.loading.pipeline import load_landing
from orchestration.cli.context import load_settings
from orchestration.cli.invocation import invoke
from orchestration.cli.revenue import sparkline
from orchestration.platform.lock import WarehouseBusyError, holders, run_lock, writer_lock

ORGANIZATIONS = "org_id,name\norg-1,One\norg-2,Two\n"
SUBSCRIPTIONS = (
    "external_org_id,product_code,mrr,currency,start_at\n"
    "org-1,pro,99,EUR,2025-01-01\norg-9,pro,1.5.5,EUR,2025-01-01\n"
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A place of its own for everything that the commands read and write."""
    (tmp_path / "landing").mkdir()
    for name in ("LANDING", "WAREHOUSE", "SERVING"):
        value = {"WAREHOUSE": "warehouse/tracker.duckdb"}.get(name, name.lower())
        monkeypatch.setenv(f"SAAS_TRACKER_{name}", str(tmp_path / value))
    monkeypatch.setenv("SAAS_TRACKER_NOW", "2025-03-10T12:00:00Z")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    monkeypatch.delenv("SAAS_TRACKER_SEEDS", raising=False)
    return tmp_path


@pytest.fixture
def published(home):
    """Published marts with one company, as far as the lists need them."""
    (home / "serving").mkdir()
    with duckdb.connect(str(home / "serving" / "all.duckdb")) as connection:
        connection.execute("create schema marts")
        for table, row in MARTS.items():
            columns = ", ".join(f"${name} as {name}" for name in row)
            connection.execute(f"create table marts.{table} as select {columns}", row)
    return home


MOVEMENTS = ("new", "reactivation", "expansion", "contraction", "churn", "fx")
KEYS = {"company_id": "acme", "as_of_date": date(2025, 3, 10)}
MARTS = {
    "companies": {**KEYS, "name": "Acme", "reporting_currency": "EUR"},
    "organizations": {
        **KEYS,
        "external_org_id": "org-1",
        "display_name": "One",
        "activity_state": "inactive",
        "last_seen_at": datetime(2025, 1, 5, 8),
        "events_30d": 0,
        "active_users_30d": 0,
        "health_score": 0.0,
        "health_band": "no_recent_activity",
        "mrr": 99.5,
        "signal_types": "inactive_paying",
    },
    "signals_by_organization": {
        **KEYS,
        "external_org_id": "org-1",
        "display_name": "One",
        "signal_types": "inactive_paying",
        "case_type": "risk",
        "priority": 81.0,
        "mrr": 99.5,
        "health_score": 0.0,
        "health_band": "no_recent_activity",
        "last_seen_at": datetime(2025, 1, 5, 8),
        "explanation": "It pays 99.50 and has not been seen for 64 days.",
    },
    "signals": {
        **KEYS,
        "app_id": "all",
        "external_org_id": "org-1",
        "signal_type": "inactive_paying",
        "priority": 81.0,
        "opened_on": date(2025, 2, 4),
        "days_open": 35,
        "is_condition_met": True,
        "explanation": "It pays 99.50 and has not been seen for 64 days.",
    },
    "revenue_kpis": {
        **KEYS,
        "mrr": 99.5,
        "arr": 1194.0,
        "paying_orgs": 1,
        "arpa": 99.5,
        "revenue_at_risk": 0.0,
        "mrr_previous_month": 0.0,
        "mrr_change": 99.5,
        "mrr_change_rate": None,
    },
    "mrr_trend": {
        **KEYS,
        "month": date(2025, 3, 1),
        "mrr": 99.5,
        "mrr_change": 99.5,
        "mrr_change_rate": None,
        "paying_orgs": 1,
        "is_partial": True,
    },
    "mrr_movements_monthly": {
        **KEYS,
        "month": date(2025, 3, 1),
        "opening_mrr": 0.0,
        "closing_mrr": 99.5,
        **{name: 99.5 if name == "new" else 0.0 for name in MOVEMENTS},
        **{f"{name}_orgs": int(name == "new") for name in MOVEMENTS},
    },
    "revenue_retention": {
        **KEYS,
        "month": date(2025, 3, 1),
        "nrr": 0.854,
        "grr": 0.81,
        "logo_churn_rate": 0.2,
        "quick_ratio": 1.25,
        "nrr_12m": 1.05,
        "grr_12m": 0.9,
        "logo_churn_rate_12m": 0.1,
        "quick_ratio_12m": None,
    },
    "revenue_cohorts": {
        **KEYS,
        "cohort_month": date(2025, 3, 1),
        "months_since": 0,
        "organizations": 1,
        "mrr": 99.5,
        "share_of_first_month": 1.0,
    },
    "revenue_changes": {
        **KEYS,
        "change_type": "started",
        "mrr": 99.5,
        "subscriptions": 1,
        "organizations": 1,
    },
    "mrr_restatements": {
        **KEYS,
        "month": date(2025, 1, 1),
        "applied_at": datetime(2025, 2, 3, 6),
        "mrr_before": 99.5,
        "mrr_after": 0.0,
        "mrr_change": -99.5,
        "subscriptions": 1,
        "import_paths": "acme/imports/subscriptions/feb.csv",
    },
    "mrr_restatement_details": {
        **KEYS,
        "month": date(2025, 1, 1),
        "applied_at": datetime(2025, 2, 3, 6),
        "display_name": "One",
        "product_code": "pro",
        "mrr_before": 99.5,
        "mrr_after": 0.0,
        "mrr_change": -99.5,
        "what_changed": "end_at none -> 2025-01-15",
    },
    "revenue_by_health": {
        **KEYS,
        "health_band": "no_recent_activity",
        "mrr": 99.5,
        "share_of_mrr": 1.0,
        "organizations": 1,
    },
    "revenue_health_matrix": {
        **KEYS,
        "segment": "revenue_at_risk",
        "mrr": 99.5,
        "share_of_mrr": 1.0,
        "organizations": 1,
    },
    "revenue_by_product": {
        **KEYS,
        "product_code": "pro",
        "mrr": 99.5,
        "share_of_mrr": 1.0,
        "paying_orgs": 1,
    },
    "top_revenue_organizations": {
        **KEYS,
        "rank": 1,
        "external_org_id": "org-1",
        "display_name": "One",
        "mrr": 99.5,
        "share_of_mrr": 1.0,
        "health_score": 0.0,
        "signal_types": "inactive_paying",
    },
}


def call(capsys, *arguments):
    """The command's exit code, stdout and stderr."""
    capsys.readouterr()
    code = invoke([str(argument) for argument in arguments])
    output = capsys.readouterr()
    return code, output.out, output.err


# --- usage ---


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["signals"],
        ["run", "--as-of", "yesterday"],
        ["import", "customers", "file.csv", "--company", "acme"],
        ["import", "organizations", "missing.csv", "--company", "acme"],
        ["dismiss", "--company", "acme", "--org", "o", "--signal", "fire"],
        ["demo", "generate"],
    ],
)
def test_wrong_usage_is_one_line_and_2(home, capsys, arguments):
    code, out, err = call(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert "--help" in err


def test_help_lists_every_command(capsys):
    code, out, _ = call(capsys)
    assert code == 0
    commands = "run import dismiss signals revenue organizations rejects demo doctor tracking"
    for command in commands.split():
        assert f"  {command} " in out


@pytest.mark.parametrize("command", ["--help", "signals"])
def test_light_commands_import_nothing_heavy(home, command):
    arguments = [command] if command == "--help" else [command, "--company", "acme"]
    code = f"""
import sys
from orchestration.cli.invocation import invoke
from orchestration.cli.revenue import sparkline
invoke({arguments!r})
heavy = {{"dagster", "dlt", "dbt", "great_expectations", "pandas", "pyarrow"}}
sys.stderr.write(str(sorted(heavy & set(sys.modules))))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.endswith("[]")


@pytest.mark.parametrize(
    ("setting", "value"), [("SAAS_TRACKER_NOW", "noon"), ("SAAS_TRACKER_BUILD_MEMORY", "half")]
)
def test_a_setting_that_makes_no_sense_is_named(home, capsys, monkeypatch, setting, value):
    monkeypatch.setenv(setting, value)
    code, _, err = call(capsys, "doctor")
    assert code == 1
    assert f"{setting} is {value!r}: " in err
    assert len(err.strip().splitlines()) == 1


# --- lists ---


@pytest.mark.parametrize("command", ["signals", "revenue", "organizations"])
def test_before_the_first_run_the_lists_say_what_to_do(home, capsys, command):
    code, out, err = call(capsys, command, "--company", "acme", "--json")
    assert (code, out) == (1, "")
    assert "saas-tracker run" in err


@pytest.mark.parametrize("command", ["signals", "revenue", "organizations"])
def test_an_unknown_company_is_told_the_known_ones(published, capsys, command):
    code, _, err = call(capsys, command, "--company", "nobody")
    assert code == 1
    assert "acme" in err


def test_signals(published, capsys):
    code, out, _ = call(capsys, "signals", "--company", "acme")
    assert code == 0
    assert "inactive_paying" in out
    assert "It pays 99.50" in out
    _, out, _ = call(capsys, "signals", "--company", "acme", "--json")
    assert [row["external_org_id"] for row in json.loads(out)] == ["org-1"]


def test_organizations_are_active_ones_unless_all_are_asked_for(published, capsys):
    _, out, _ = call(capsys, "organizations", "--company", "acme", "--json")
    assert json.loads(out) == []
    _, out, _ = call(capsys, "organizations", "--company", "acme", "--all", "--json")
    assert json.loads(out)[0]["last_seen_at"] == "2025-01-05T08:00:00"


def test_revenue(published, capsys):
    code, out, _ = call(capsys, "revenue", "--company", "acme")
    assert code == 0
    assert "99.5" in out
    _, out, _ = call(capsys, "revenue", "--company", "acme", "--json")
    report = json.loads(out)
    assert report["kpis"]["mrr"] == 99.5
    assert report["kpis"]["mrr_change_rate"] is None


def test_revenue_shows_the_month_its_changes_and_that_there_are_restatements(published, capsys):
    _, out, _ = call(capsys, "revenue", "--company", "acme", "--months", "24")
    for words in ("Month over month: how 2025-03", "started since", "MRR of the last 1 months"):
        assert words in out
    assert "2025-03 ▁ 2025-03" in out
    assert "--restatements" in out
    month, year = (
        " ".join(line.split()) for line in out.splitlines() if "90.0" in line or "81.0" in line
    )
    assert month == "2025-03 85.4 % 81.0 % 20.0 % 1.2"
    assert year == "12 months to 2025-03 105.0 % 90.0 % 10.0 %"
    assert "exchange rates move them" in out


def test_cohorts_are_added_where_they_are_asked_for(published, capsys):
    _, out, _ = call(capsys, "revenue", "--company", "acme")
    assert "Cohorts" not in out
    _, out, _ = call(capsys, "revenue", "--company", "acme", "--cohorts")
    for words in ("Largest customers", "Cohorts", "100%"):
        assert words in out
    for options, count in (((), None), (("--cohorts",), 1)):
        _, out, _ = call(capsys, "revenue", "--company", "acme", "--json", *options)
        report = json.loads(out)
        assert len(report["retention"]) == 1
        assert len(report.get("cohorts", [])) == (count or 0)


def test_restatements_name_month_import_and_subscription(published, capsys):
    code, out, _ = call(capsys, "revenue", "--company", "acme", "--restatements")
    assert code == 0
    for words in ("2025-01", "feb.csv", "-99.5", "end_at none -> 2025-01-15", "exchange_rates"):
        assert words in out
    options = ("--restatements", "--json", "--month")
    for month, count in (("2025-01", 1), ("2025-02", 0)):
        _, out, _ = call(capsys, "revenue", "--company", "acme", *options, month)
        assert {name: len(rows) for name, rows in json.loads(out).items()} == {
            "restatements": count,
            "details": count,
        }


def test_a_month_goes_with_restatements(published, capsys):
    code, _, err = call(capsys, "revenue", "--company", "acme", "--month", "2025-01")
    assert code == 2
    assert "--restatements" in err


@pytest.mark.parametrize(
    ("values", "bars"), [([1, 2, 3], "▁▅█"), ([5, 5], "▁▁"), ([0, 100, 50], "▁█▅")]
)
def test_sparkline(values, bars):
    assert sparkline(values) == bars


# --- imports ---


@pytest.fixture
def files(home):
    (home / "organizations.csv").write_text(ORGANIZATIONS)
    (home / "subscriptions.csv").write_text(SUBSCRIPTIONS)
    return home


def import_json(capsys, kind, file, *options):
    code, out, err = call(capsys, "import", kind, file, "--company", "acme", "--json", *options)
    return code, json.loads(out) if out else err


def test_preview_changes_nothing_and_apply_is_repeatable(files, capsys):
    file = files / "organizations.csv"
    for options, new, unchanged in [((), 2, 0), (("--apply",), 2, 0), (("--apply",), 0, 2)]:
        code, report = import_json(capsys, "organizations", file, *options)
        assert code == 0
        assert (report["new"], report["unchanged"], report["error"]) == (new, unchanged, 0)
        assert report["applied"] is bool(options)


def test_row_errors_exit_with_3_applied_or_refused(files, capsys):
    import_json(capsys, "organizations", files / "organizations.csv", "--apply")
    file = files / "subscriptions.csv"
    for options, applied in [((), False), (("--apply",), False)]:
        code, report = import_json(capsys, "subscriptions", file, *options)
        assert (code, report["applied"], report["new"]) == (3, applied, 1)
        assert {error["code"] for error in report["errors"]} >= {"mrr_invalid"}
        assert set(report["errors"][0]) == {"line", "column", "value", "code", "message"}
    code, report = import_json(capsys, "subscriptions", file, "--apply", "--skip-errors")
    assert (code, report["applied"]) == (3, True)
    code, report = import_json(capsys, "subscriptions", file)
    assert (code, report["new"], report["unchanged"]) == (3, 0, 1)


def test_import_for_people(files, capsys):
    code, out, _ = call(
        capsys, "import", "subscriptions", files / "subscriptions.csv", "--company", "acme"
    )
    assert code == 3
    assert "mrr_invalid" in out
    assert "preview" in out


def test_a_long_list_of_errors_ends_with_how_many_more(files, capsys):
    file = files / "subscriptions.csv"
    rows = [f"org-1,pro-{n},abc,EUR,2025-01-01" for n in range(60)]
    file.write_text("\n".join([SUBSCRIPTIONS.splitlines()[0], *rows]))
    _, out, _ = call(capsys, "import", "subscriptions", file, "--company", "acme")
    assert out.count(" mrr_invalid ") == 20
    assert "... and 40 more of mrr_invalid" in out
    _, report = import_json(capsys, "subscriptions", file)
    assert (report["error"], len(report["errors"])) == (60, 40)
    assert report["more_errors"] == {"mrr_invalid": 40, "unknown_external_org_id": 40}


def test_preview_shows_mrr_and_warnings_and_refuses_nothing_for_them(files, capsys):
    import_json(capsys, "organizations", files / "organizations.csv", "--apply")
    header = SUBSCRIPTIONS.splitlines()[0]
    stored = ["org-1,pro,100,EUR,2025-01-01", "org-1,addon,300,EUR,2025-01-01"]
    file = files / "subscriptions.csv"
    file.write_text("\n".join([header, *stored]))
    code, report = import_json(capsys, "subscriptions", file, "--apply")
    assert (code, report["mrr_before"], report["mrr_after"], report["currency"]) == (
        0,
        0,
        400,
        "EUR",
    )
    file.write_text(f"{header}\n{stored[0]}\norg-1,pro,120,EUR,2025-03-01\n")
    code, report = import_json(capsys, "subscriptions", file)
    assert code == 0
    found = {warning["warning"]: warning for warning in report["warnings"]}
    assert set(found) == {"stored_rows_absent", "same_product_overlaps"}
    assert found["same_product_overlaps"]["line_number"] == 3
    code, out, _ = call(capsys, "import", "subscriptions", file, "--company", "acme")
    assert "400.00 before, 520.00 after (+120.00)" in out
    said = " ".join(out.split())
    assert "1 stored row is not in this file: 300.00 a month go on counting" in said
    assert "stored_rows_absent" in out


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("sheet.xlsx", b"PK\x03\x04", "save the sheet as CSV"),
        ("sheet.csv", "org,mrr\n1,2\n".encode("utf-16"), "save it as CSV (UTF-8)"),
        ("sheet.csv", b"Customer,mrr\n1,2\n", "its headings are customer, mrr"),
        ("sheet.csv", b"", "the file is empty"),
    ],
)
def test_what_is_no_sheet_of_ours_says_what_to_do(files, capsys, name, content, said):
    (files / name).write_bytes(content)
    code, _, err = call(capsys, "import", "subscriptions", files / name, "--company", "acme")
    assert code == 1
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_an_unknown_company_cannot_import(files, capsys):
    code, _, err = call(
        capsys, "import", "organizations", files / "organizations.csv", "--company", "nobody"
    )
    assert code == 1
    assert len(err.strip().splitlines()) == 1


def test_dismissing_before_the_first_run_says_what_to_do(files, capsys):
    import_json(capsys, "organizations", files / "organizations.csv", "--apply")
    code, _, err = call(
        capsys, "dismiss", "--company", "acme", "--org", "org-1", "--signal", "usage_drop"
    )
    assert code == 1
    assert "saas-tracker run" in err


# --- quarantine ---


def test_rejects_before_the_first_load_say_what_to_do(home, capsys):
    code, _, err = call(capsys, "rejects")
    assert code == 1
    assert "saas-tracker run" in err


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_rejects_are_shown_and_exported(files, capsys, ending):
    import_json(capsys, "organizations", files / "organizations.csv", "--apply")
    file = files / "subscriptions.csv"
    import_json(capsys, "subscriptions", file, "--apply", "--skip-errors")
    code, out, _ = call(capsys, "rejects", "--company", "acme", "--json")
    assert code == 0
    (row,) = json.loads(out)["rows"]
    assert row["line_number"] == 3
    assert "mrr_invalid" in row["reasons"]
    target = files / f"rejects.{ending}"
    code, out, _ = call(capsys, "rejects", "--export", target)
    assert code == 0
    assert duckdb.sql(f"select count(*) from '{target}'").fetchone() == (1,)
    _, out, _ = call(capsys, "rejects", "--company", "globex")
    assert "No rejected rows" in out


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r="])
def test_no_column_of_a_csv_export_begins_a_formula(home, files, capsys, begin):
    import_json(capsys, "organizations", files / "organizations.csv", "--apply")
    file = (
        home / "landing" / "acme" / "apps" / "web" / "events" / f"{begin[0].strip() or 't'}.jsonl"
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{begin}cmd|'/c calc'!A1\n")
    load_landing(load_settings())
    target = files / "rejects.csv"
    assert call(capsys, "rejects", "--export", target)[0] == 0
    with target.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0]["raw_text"].startswith("'")
    assert "cmd|" in rows[0]["raw_text"]
    assert not any(cell.startswith(tuple("=+-@\t\r")) for row in rows for cell in row.values())
    target = files / "rejects.jsonl"
    call(capsys, "rejects", "--export", target)
    assert json.loads(target.read_text())["raw_text"].strip().startswith(begin.strip())


def test_an_export_needs_a_known_format(files, capsys):
    import_json(capsys, "organizations", files / "organizations.csv", "--apply")
    code, _, err = call(capsys, "rejects", "--export", files / "rejects.xlsx")
    assert code == 1
    assert ".csv" in err


# --- doctor ---


@pytest.mark.parametrize(
    ("name", "content"),
    [("dagster.yaml", b"{: no"), ("dagster.yaml", b"\xff\xfe"), ("dagster.yaml", b"- a list")],
)
def test_doctor_names_a_configuration_that_it_cannot_read(home, capsys, monkeypatch, name, content):
    monkeypatch.setenv("DAGSTER_HOME", str(home / "dagster"))
    (home / "dagster").mkdir(exist_ok=True)
    (home / "dagster" / name).unlink(missing_ok=True)
    (home / "dagster" / name).write_bytes(content)
    code, out, err = call(capsys, "doctor")
    assert code == 1
    assert name in out
    assert "Traceback" not in out + err


@pytest.mark.parametrize(
    "arguments",
    [("doctor",), ("import", "organizations", "{file}", "--company", "acme"), ("rejects",)],
)
def test_what_nobody_foresaw_is_one_line_and_a_file(home, files, capsys, monkeypatch, arguments):
    def fail():
        raise OSError(28, "No space left on device", "/var/lib/somewhere/history.db")

    for module in ("doctor", "imports", "rejects"):
        monkeypatch.setattr(f"orchestration.cli.{module}.load_settings", fail)
    given = [part.format(file=files / "organizations.csv") for part in arguments]
    code, _, err = call(capsys, *given)
    assert (code, len(err.splitlines())) == (1, 1)
    assert "is full" in err
    details = err.rpartition("(details: ")[2].rstrip(")\n")
    assert "Traceback" in Path(details).read_text()


def test_doctor_finds_stray_and_unregistered_files(home, capsys):
    for path in ("acme/readme.txt", "nobody/imports/organizations/a.csv"):
        file = home / "landing" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    code, out, _ = call(capsys, "doctor")
    assert code == 0
    assert "acme/readme.txt" in out
    assert "nobody/imports/organizations/a.csv" in out
    assert "seeds/companies.csv" in out


def test_doctor_fails_on_a_broken_registry(home, capsys, monkeypatch):
    monkeypatch.setenv("SAAS_TRACKER_SEEDS", str(home / "nowhere"))
    code, out, err = call(capsys, "doctor", "--json")
    assert code == 1
    assert "error" in {finding["status"] for finding in json.loads(out)}
    assert "to correct" in err


def test_doctor_fails_where_the_catalog_is_named_like_a_schema(home, capsys, monkeypatch):
    monkeypatch.setenv("SAAS_TRACKER_WAREHOUSE", str(home / "marts.duckdb"))
    code, out, _ = call(capsys, "doctor")
    assert code == 1
    assert "warehouse name" in out


# --- locks ---

HOLD = """
import sys, time
from pathlib import Path
from orchestration.platform.lock import writer_lock
with writer_lock(Path(sys.argv[1]), "a test", print):
    print("held", flush=True)
    time.sleep(60)
"""
HOLD_FILE = """
import sys, time, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def other_process():
    started = []

    def start(code, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout.readline().strip() == "held"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_held_lock_is_waited_for_and_said(tmp_path, other_process):
    warehouse = tmp_path / "tracker.duckdb"
    process = other_process(HOLD, warehouse)
    said = []
    with (
        pytest.raises(WarehouseBusyError, match=f"a test .process {process.pid}"),
        writer_lock(warehouse, "me", said.append, wait_seconds=0.1),
    ):
        pass
    assert len(said) == 1
    assert holders(warehouse)[0].startswith("a test")


def test_a_killed_holder_leaves_no_lock(tmp_path, other_process):
    warehouse = tmp_path / "tracker.duckdb"
    process = other_process(HOLD, warehouse)
    process.kill()
    process.wait()
    started = time.monotonic()
    with writer_lock(warehouse, "me", pytest.fail):
        assert holders(warehouse)[0].startswith("me")
    assert time.monotonic() - started < 5
    assert holders(warehouse) == []


def test_another_program_with_the_file_open_is_named(tmp_path, other_process):
    warehouse = tmp_path / "tracker.duckdb"
    process = other_process(HOLD_FILE, warehouse)
    with (
        pytest.raises(WarehouseBusyError, match=str(process.pid)),
        writer_lock(warehouse, "me", lambda message: None, wait_seconds=0.1),
    ):
        pass


def test_a_file_that_is_no_warehouse_is_an_error(tmp_path):
    warehouse = tmp_path / "tracker.duckdb"
    warehouse.write_text("not a database " * 100)
    with (
        pytest.raises(UserError, match="cannot be opened"),
        writer_lock(warehouse, "me", pytest.fail),
    ):
        pass


def test_a_run_writes_within_its_own_turn(tmp_path):
    warehouse = tmp_path / "tracker.duckdb"
    with run_lock(warehouse, "run", pytest.fail), writer_lock(warehouse, "load", pytest.fail):
        assert len(holders(warehouse)) == 2
