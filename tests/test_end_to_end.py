"""From a landing zone to published copies through the command line, in processes of their own."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.demo.calls import PORTAL
from ingestion.settings import PROJECT_ROOT
from tests.support.personal_marks import marks_found, write_marked_calls

SIZES = ("--organizations", "24", "--days", "50", "--events", "3000", "--seed", "7")
COMMAND = str(Path(sys.executable).with_name("saas-tracker"))


class Project:
    """A project folder of its own: landing zone, warehouse, instance."""

    def __init__(self, folder: Path) -> None:
        self.landing = folder / "landing"
        self.warehouse = folder / "warehouse" / "tracker.duckdb"
        self.serving = folder / "serving"
        self.environment = {
            **os.environ,
            "SAAS_TRACKER_LANDING": str(self.landing),
            "SAAS_TRACKER_WAREHOUSE": str(self.warehouse),
            "SAAS_TRACKER_SERVING": str(self.serving),
            "SAAS_TRACKER_NOW": "2025-03-10T12:00:00Z",
            "DAGSTER_HOME": str(folder / "dagster"),
        }

    def call(self, *arguments, code=0):
        done = subprocess.run(
            [COMMAND, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def run(self, *arguments, code=0):
        return json.loads(self.call("run", "--json", *arguments, code=code))

    def run_with_fault(self, fault, **environment):
        """A run that fails: ``fault`` is SQL, executed on what was just loaded or built.

        Returns the causes by the companies that it held back; the others were published.
        """
        done = subprocess.run(
            [sys.executable, "-c", FAULTY, fault],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert done.stderr.splitlines()[-1].startswith("saas-tracker: held back: ")
        return causes(json.loads(done.stdout))

    def published_bytes(self, company="*"):
        """Every published file of a company, byte for byte."""
        files = (f"{company}.duckdb", f"parquet/{company}/*", f"report/{company}/**/*")
        return {
            path.relative_to(self.serving): path.read_bytes()
            for pattern in files
            for path in self.serving.glob(pattern)
            if path.is_file()
        }

    def rows_of(self, company):
        """The rows of a company in the copy of all, by mart."""
        return {
            mart: [row for row in rows if row[0] == company]
            for mart, rows in self.marts().items()
            if mart != "dates"
        }

    def drop_events(self, name, good, bad=0, *, day=10, application="acme/apps/web"):
        """A dump for an application that has sent files before, of a day in March."""
        event = {"event": "x", "user_hash": "a" * 64, "customer_org_id": "org"}
        rows = [{**event, "event_id": f"{name}-{n}"} for n in range(good)] + [{}] * bad
        file = self.landing / application / "events" / f"{name}.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        noon = datetime(2025, 3, day, 11, tzinfo=UTC).timestamp()
        os.utime(file, (noon, noon))

    def start(self, *arguments):
        return subprocess.Popen(
            [COMMAND, *arguments],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def marts(self):
        """Every published table as a multiset of rows."""
        with duckdb.connect(str(self.serving / "all.duckdb"), read_only=True) as connection:
            tables = connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
            ).fetchall()
            # Times and ids of the load itself differ between two loads of the same files.
            return {
                table: sorted(
                    connection.execute(
                        f"select columns(c -> c not similar to '{LOAD_COLUMNS}') from marts.{table}"
                    ).fetchall(),
                    key=repr,
                )
                for (table,) in tables
                if table not in LOAD_TABLES
            }


def causes(report) -> dict[str, str]:
    """What a run said of the companies that it held back."""
    assert report["is_published"]
    failed = {check["name"] for check in report["checks_failed"] if check["is_error"]}
    assert failed == {"every_company_is_published"}
    return {held["company_id"]: " ".join(held["causes"]) for held in report["held_back"]}


# Spoils what a load or a build left, where only an error of the pipeline itself could.
FAULTY = """
import sys
import duckdb
import ingestion.loading.pipeline
import orchestration.serving.checks as audits
from orchestration.cli.invocation import main

def spoil(settings):
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(sys.argv[1])

def after(function):
    def spoilt(settings, *arguments):
        function(settings, *arguments)
        if "raw." in sys.argv[1]:
            spoil(settings)
    return spoilt

def before(function):
    def spoilt(settings, *arguments):
        if "marts." in sys.argv[1]:
            spoil(settings)
        return function(settings, *arguments)
    return spoilt

ingestion.loading.pipeline.finish = after(ingestion.loading.pipeline.finish)
audits.audit = before(audits.audit)
main(["run", "--json"])
"""
LOAD_COLUMNS = ".*load_id|loaded_at|applied_at|rejected_at|resolved_at|.*imported_at|.*changed_at"
LOAD_TABLES = {"load_audit", "import_history", "import_warnings", "rejected_files", "rejected_rows"}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """Its landing zone has no calls yet: they lie beside it."""
    project = Project(tmp_path_factory.mktemp("project"))
    project.call("demo", "generate", "--landing", str(project.landing), *SIZES)
    write_marked_calls(project.landing / PORTAL)
    (project.landing / PORTAL).rename(project.landing.parent / "calls")
    assert not list(project.landing.rglob("calls"))
    return project


@pytest.fixture(scope="module")
def run_before_calls(project):
    return project.run()


@pytest.fixture(scope="module")
def first_run(project, run_before_calls):
    """The first one with calls."""
    (project.landing.parent / "calls").rename(project.landing / PORTAL)
    return project.run()


def test_a_run_loads_builds_checks_and_publishes(project, run_before_calls):
    report = run_before_calls
    assert report["status"] == "succeeded"
    assert report["as_of_date"] == "2025-03-10"
    assert report["rows_read"] > 3000
    counted = sum(report[f"rows_{kind}"] for kind in ("accepted", "rejected", "duplicate"))
    assert counted == report["rows_read"]
    assert report["checks_failed"] == []
    assert report["is_published"]
    marts = project.marts()
    assert {row[0] for row in marts["companies"]} == {"acme", "globex"}
    assert marts["events"]
    assert (project.serving / "acme.duckdb").exists()


def test_a_warehouse_without_calls_has_every_mart_and_is_up_to_date(project, run_before_calls):
    models = list((PROJECT_ROOT / "dbt_project" / "models" / "marts").rglob("*.sql"))
    assert run_before_calls["marts_built"] == len(models)
    marts = project.marts()
    assert marts["accounts"]
    assert marts["groups"] == marts["trials"] == []
    assert project.run()["is_up_to_date"]


def test_calls_that_come_later_fill_their_marts(project, first_run):
    assert first_run["checks_failed"] == []
    assert first_run["is_published"]
    marts = project.marts()
    assert marts["groups"]
    assert marts["trials"]


def test_a_second_run_changes_nothing(project, first_run):
    before = project.marts()
    published = (project.serving / "all.duckdb").stat().st_mtime_ns
    second = project.run()
    assert second["is_up_to_date"]
    assert second["files_loaded"] == 0
    assert (project.serving / "all.duckdb").stat().st_mtime_ns == published
    assert project.marts() == before


def test_the_lists_show_what_was_built(project, first_run):
    assert json.loads(project.call("organizations", "--company", "acme", "--all", "--json"))
    assert json.loads(project.call("revenue", "--company", "globex", "--json"))["kpis"]["mrr"] > 0
    assert json.loads(project.call("rejects", "--json"))["rows"]


def test_the_demo_shows_what_tracking_can_find(project, first_run):
    """Globex' portal: something in every mart, of every kind that the demo is made for."""
    marts = sorted((PROJECT_ROOT / "dbt_project" / "models" / "marts" / "tracking").glob("*.sql"))
    assert len(marts) == 14
    with duckdb.connect(str(project.serving / "globex.duckdb"), read_only=True) as connection:

        def kinds(mart: str, column: str, where: str = "true") -> set:
            query = f"select distinct {column} from marts.{mart} where {where}"
            return {value for (value,) in connection.execute(query).fetchall()}

        for mart in marts:
            assert kinds(mart.stem, "company_id") == {"globex"}, mart.stem
        to_improve = kinds("telemetry_quality", "rule", "status in ('warning', 'bad')")
        assert to_improve == kinds("telemetry_quality", "rule")
        assert len(to_improve) == 6
        assert kinds("trials", "status") == {
            "converted", "not_converted", "superseded", "overdue", "active",
        }  # fmt: skip
        assert kinds("invitations", "status") == {"joined", "open", "expired", "uninvited"}
        assert kinds("invitations", "match", "status = 'joined'") == {"invitation_id", "email"}
        assert kinds("billing_discrepancies", "discrepancy") >= {
            "mrr_differs", "mrr_without_subscription", "subscription_without_mrr",
            "plan_behind_event", "upgrade_without_expansion",
        }  # fmt: skip
        assert kinds("tracking_plan_events", "status") == {"planned", "unplanned", "never_seen"}
        assert kinds("tracking_plan_issues", "issue") >= {
            "unplanned", "near_miss", "never_seen", "property_missing", "property_wrong_type",
            "property_not_allowed", "property_not_hashed", "property_near_miss", "pii_in_property",
            "group_missing", "no_account", "group_undefined", "group_conflict",
            "group_level_wrong", "trait_missing", "trait_wrong_type",
        }  # fmt: skip
        assert kinds("user_accounts", "role") == {"Admin", "Member", "Viewer", None}
        assert kinds("groups", "group_type") == {"account", "workspace", "project"}
        assert kinds("accounts", "activation_state") & {"activated", "pending", "missed"}
    screen = json.loads(project.call("tracking", "--company", "globex", "--json"))
    assert all(screen.values())
    coverage = {(row["subject"], row["trait"]): row["coverage"] for row in screen["traits"]}
    assert 0 < coverage["user", "role"] < coverage["user", "user_id"] == 1


def test_no_address_and_no_name_of_a_person_is_on_disk(project, first_run):
    """Warehouse, copies, pages, Data Docs, logs, what was rejected: all but the landing zone."""
    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        stored, rejected = connection.execute(
            "select (select count(*) from raw.calls where source_path like '%marked.jsonl'),"
            " (select count(*) from raw.rejected_rows where path like '%marked.jsonl')"
        ).fetchone()
    assert (stored, rejected) == (17, 8)
    assert list(project.landing.parent.rglob("tracker.data_docs/index.html"))
    assert marks_found(project.landing.parent, without=project.landing) == {}


def test_no_published_file_holds_a_byte_of_another_company(project, first_run):
    """Copies, Parquet and pages: no id and no name of an organization of the other company."""
    names = {
        company: {name for row in project.rows_of(company)["organizations"] for name in row[1:3]}
        for company in ("acme", "globex")
    }
    for company, other in (("acme", "globex"), ("globex", "acme")):
        foreign = {name.encode() for name in names[other] - names[company] if len(name) > 5}
        own = {name.encode() for name in names[company]}
        published = project.published_bytes(company)
        assert len(foreign) > 5
        for folder in (f"{company}.duckdb", "parquet", "report"):
            files = {path: text for path, text in published.items() if path.parts[0] == folder}
            assert any(name in text for text in files.values() for name in own), folder
            for path, text in files.items():
                assert [name for name in foreign if name in text] == [], path


def test_the_recipes_of_the_page_for_analysts_run_as_printed(
    project, first_run, tmp_path, monkeypatch
):
    """docs/bi.md and docs/tracking.md from a folder that has the files where the pages say."""
    page = (PROJECT_ROOT / "docs" / "bi.md").read_text()
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse" / "serving").symlink_to(project.serving)
    monkeypatch.chdir(tmp_path)

    [recipe] = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    *prepare, shown = recipe.strip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join(prepare), names)
    found = eval(shown, names)
    assert list(found.columns) == ["mrr", "paying_orgs"]
    assert found["paying_orgs"].iloc[-1] > 0

    (tmp_path / "warehouse" / "saas_tracker.duckdb").symlink_to(project.warehouse)
    page += (PROJECT_ROOT / "docs" / "tracking.md").read_text()
    recipes = re.findall(r"^```sql\n-- duckdb -readonly (\S+)\n(.*?)^```", page, re.M | re.S)
    assert {file for file, _ in recipes} == {
        "warehouse/serving/acme.duckdb", "warehouse/serving/globex.duckdb",
        "warehouse/saas_tracker.duckdb",
    }  # fmt: skip
    for file, statements in recipes:
        with duckdb.connect(file, read_only=True) as connection:
            for statement in duckdb.extract_statements(statements):
                rows = connection.execute(statement).fetchall()
                if statement.type == duckdb.StatementType.SELECT:
                    assert rows, statement.query


def test_marts_with_rows_of_all_are_those_that_the_page_lists(project, first_run):
    page = (PROJECT_ROOT / "docs" / "bi.md").read_text()
    [sentence] = re.findall(r"^\* \*\*Rows of `all`\.\*\* (.*?) have them", page, re.M | re.S)
    listed = set(re.findall(r"`(\w+)`", sentence))
    found: dict[bool, set[str]] = {True: set(), False: set()}
    with duckdb.connect(str(project.serving / "all.duckdb"), read_only=True) as connection:
        columns = connection.execute(
            "select table_name from duckdb_columns()"
            " where schema_name = 'marts' and column_name = 'app_id'"
        ).fetchall()
        for (mart,) in columns:
            query = f"select count(*), count(*) filter (app_id = 'all') from marts.{mart}"
            rows, of_all = connection.execute(query).fetchall()[0]
            if rows:
                found[of_all > 0].add(mart)
    assert found[True] - {"tracking_plan_issues"} <= listed  # its rows of `all` are of traits
    assert not found[False] & listed


def test_a_model_is_tried_beside_the_warehouse(project, first_run):
    before = project.warehouse.read_bytes()
    shown = json.loads(project.call("model", "mrr_trend", "--rows", "2", "--json"))
    assert shown["relation"] == "marts.mrr_trend"
    assert shown["rows"] == len(project.marts()["mrr_trend"])
    assert len(shown["first"]) == 2
    assert project.warehouse.read_bytes() == before
    project.call("model", "mrr_trnd", code=1)


def test_dbt_by_hand_takes_the_day_of_the_warehouse(project, first_run):
    state = project.warehouse.parent / ".tracker.state" / "dbt" / "parse"
    environment = {k: v for k, v in project.environment.items() if k != "SAAS_TRACKER_NOW"}
    dbt = Path(sys.executable).with_name("dbt")
    selection = ["--select", "organizations", "--target", "dev", "--defer", "--state", str(state)]
    done = subprocess.run(
        [dbt, "build", *selection],
        cwd=PROJECT_ROOT / "dbt_project",
        env={**environment, "DBT_TARGET_PATH": str(project.landing.parent / "target")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    with duckdb.connect(str(project.warehouse.with_name("dev.duckdb")), read_only=True) as dev:
        found = dev.execute("select distinct as_of_date from marts.organizations").fetchall()
    assert found == [(date(2025, 3, 10),)]


@pytest.mark.slow
def test_a_dismissal_takes_a_signal_off_the_list_and_survives_a_rebuild(project, first_run):
    listed = json.loads(project.call("signals", "--company", "acme", "--json"))
    organization = listed[0]["external_org_id"]
    for signal_type in listed[0]["signal_types"].split(","):
        dismiss = ("dismiss", "--company", "acme", "--org", organization, "--signal", signal_type)
        project.call(*dismiss, "--reason", "known")
    project.run("--full-refresh")
    listed = json.loads(project.call("signals", "--company", "acme", "--json"))
    assert organization not in {row["external_org_id"] for row in listed}
    changes = json.loads(project.call("signals", "--company", "acme", "--since", "1d", "--json"))
    dismissed = [row for row in changes if row["change"] == "dismissed"]
    assert (organization, "dismissed", "known") in {
        (row["external_org_id"], row["status"], row["reason"]) for row in dismissed
    }
    project.call(*dismiss, code=1)


NEWEST = "_dlt_load_id = (select max(load_id) from raw._dlt_loads)"


@pytest.mark.slow
def test_a_company_whose_rows_break_a_model_is_left_out_alone(project, first_run):
    """More MRR than a sum can hold: the build fails, and is made without the company."""
    before, rows = project.published_bytes("globex"), project.rows_of("globex")
    project.drop_events("later", 5, application="acme/apps/web")
    held = project.run_with_fault(
        "insert into raw.subscription_versions by name select * exclude (n) replace ("
        "subscription_id || n as subscription_id, 99999999999999 as mrr, 'active' as status,"
        " date '2024-01-01' as start_at, null as end_at)"
        " from (from raw.subscription_versions where company_id = 'globex' limit 1) as version,"
        " range(200) as numbers(n)"
    )
    assert "cannot be built from its rows: Conversion Error" in held["globex"]
    assert project.published_bytes("globex") == before
    assert project.rows_of("globex") == rows
    organizations = {row[1] for row in project.rows_of("acme")["organizations"]}
    assert "org" in organizations, "the others are published"
    assert set(causes(project.run(code=1))) == {"globex"}, "it is tried in every run"
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute("delete from raw.subscription_versions where mrr = 99999999999999")
    assert project.run()["held_back"] == []
    assert project.rows_of("globex") == rows


@dataclass(frozen=True)
class Held:
    """What was published of acme before the run that held it back, and what that run said."""

    published: dict[Path, bytes]
    rows: dict[str, list[tuple]]
    causes: dict[str, str]


@pytest.fixture(scope="module")
def acme_held(project, first_run) -> Held:
    """Sudden rejects, an event that is there twice, and figures that do not add up."""
    before, rows = project.published_bytes("acme"), project.rows_of("acme")
    for number in range(2):  # each with too few rows to be judged by itself
        project.drop_events(f"broken-{number}", 105, bad=45)
    project.drop_events("good", 5, application="globex/apps/app")
    held = project.run_with_fault(
        f"insert into raw.events select * from raw.events where {NEWEST} and company_id = 'acme'"
        f" limit 1; update raw.loaded_files set rows_read = rows_read + 1 where {NEWEST}"
        " and company_id = 'acme'"
    )
    return Held(before, rows, held)


def test_a_company_that_fails_a_check_is_held_back_alone(project, acme_held):
    assert set(acme_held.causes) == {"acme"}
    for sign in ("is rejected (allowed", "rows_with_a_known_key", "rows_accounted_for"):
        assert sign in acme_held.causes["acme"]
    assert project.published_bytes("acme") == acme_held.published
    assert project.rows_of("acme") == acme_held.rows
    organizations = {row[1] for row in project.rows_of("globex")["organizations"]}
    assert "org" in organizations, "the others are published"
    assert "acme is held back" in project.call("doctor", code=1)


@pytest.mark.slow
def test_a_company_that_left_is_gone_and_put_back_it_is_as_before(project, acme_held):
    before, rows, others = (
        project.published_bytes("globex"),
        project.rows_of("globex"),
        project.published_bytes("acme"),
    )
    seeds = project.landing.parent / "seeds"
    shutil.copytree(PROJECT_ROOT / "seeds", seeds)
    project.environment["SAAS_TRACKER_SEEDS"] = str(seeds)
    registry = (seeds / "companies.csv").read_text()
    left = [line for line in registry.splitlines() if not line.startswith("globex,")]
    (seeds / "companies.csv").write_text("\n".join(left) + "\n")
    held = set(causes(project.run(code=1)))
    assert held == {"acme"}, "what failed a check fails until it is corrected"
    assert project.published_bytes("globex") == {}
    assert not any(project.rows_of("globex").values())
    assert project.published_bytes("acme") == others
    (seeds / "companies.csv").write_text(registry)
    project.run(code=1)
    assert project.rows_of("globex") == rows
    assert set(project.published_bytes("globex")) >= {Path("globex.duckdb"), *before} - {
        path for path in before if path.parts[0] == "report"
    }


@pytest.mark.slow
def test_every_fault_leaves_the_last_good_copies(tmp_path):
    project = Project(tmp_path)
    project.call("demo", "generate", "--landing", str(project.landing), *SIZES)
    project.run()
    before = project.published_bytes("acme")
    blocking = {"SAAS_TRACKER_QUALITY_BLOCKS": "volume:events,freshness:events"}
    late = {"SAAS_TRACKER_NOW": "2025-04-20T12:00:00Z"}
    assert "nothing has come" in project.run_with_fault("", **blocking, **late)["acme"]
    assert project.published_bytes("acme") == before
    project.drop_events("few", 1, day=11)
    assert set(project.run_with_fault("", **blocking)) == {"acme"}
    assert project.published_bytes("acme") == before
    cent = "update marts.revenue_kpis set mrr = mrr + 0.01 where company_id = 'acme'"
    assert set(project.run_with_fault(cent)) == {"acme"}
    assert project.published_bytes("acme") == before
    twice = "from raw.subscription_versions where company_id = 'acme' limit 1"
    held = project.run_with_fault(f"insert into raw.subscription_versions {twice}")
    assert "rows fail revenue_steps_have_keys" in held["acme"]
    assert set(held) == {"acme"}
    assert project.published_bytes("acme") == before
    project.call("run", "--select", "published", code=1)
    assert project.published_bytes("acme") == before
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute(
            "delete from raw.subscription_versions where rowid not in (select min(rowid)"
            " from raw.subscription_versions group by company_id, subscription_id, version_number)"
        )
    assert project.run()["held_back"] == []
    assert project.published_bytes("acme") != before


@pytest.mark.slow
def test_a_killed_run_leaves_nothing_behind(tmp_path):
    expected, killed = Project(tmp_path / "expected"), Project(tmp_path / "killed")
    expected.call("demo", "generate", "--landing", str(expected.landing), *SIZES)
    killed.call("demo", "generate", "--landing", str(killed.landing), *SIZES)
    expected.run()
    for wait_for in ("raw.events", "check", "staging", "marts", "recount", "publish"):
        process = killed.start("run")
        _wait(killed, process, wait_for)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, wait_for
    assert killed.run()["status"] == "succeeded"
    assert killed.marts() == expected.marts()


def _wait(project: Project, process: subprocess.Popen, what: str) -> None:
    """Until the run's log tells of ``what``, which is when it is interesting to kill it."""
    signs = {
        "raw.events": "load_landing - STEP_START",
        "check": "check_raw - STEP_START",
        "staging": "OK created sql",
        "marts": "model marts.",
        "recount": "audit_marts - STEP_START",
        "publish": "serving__published - STEP_START",
    }
    log = project.warehouse.with_suffix(".log")
    while process.poll() is None:
        if log.exists() and signs[what] in log.read_text(errors="replace"):
            return
        time.sleep(0.1)


@pytest.mark.slow
def test_two_runs_at_once_both_succeed(tmp_path):
    project = Project(tmp_path)
    project.call("demo", "generate", "--landing", str(project.landing), *SIZES)
    processes = [project.start("run") for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
