"""From a landing zone to published copies through the command line, in processes of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

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


LOAD_COLUMNS = ".*load_id|loaded_at|applied_at|rejected_at|resolved_at|.*imported_at|.*changed_at"
LOAD_TABLES = {"load_audit", "import_history", "rejected_files", "rejected_rows"}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    project = Project(tmp_path_factory.mktemp("project"))
    project.call("demo", "generate", "--landing", str(project.landing), *SIZES)
    return project


@pytest.fixture(scope="module")
def first_run(project):
    return project.run()


def test_a_run_loads_builds_checks_and_publishes(project, first_run):
    assert first_run["status"] == "succeeded"
    assert first_run["as_of_date"] == "2025-03-10"
    assert first_run["rows_read"] > 3000
    counted = sum(first_run[f"rows_{kind}"] for kind in ("accepted", "rejected", "duplicate"))
    assert counted == first_run["rows_read"]
    assert first_run["checks_failed"] == []
    assert first_run["is_published"]
    marts = project.marts()
    assert {row[0] for row in marts["companies"]} == {"acme", "globex"}
    assert marts["events"]
    assert (project.serving / "acme.duckdb").exists()


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


def test_a_dismissal_takes_a_signal_off_the_list(project, first_run):
    listed = json.loads(project.call("signals", "--company", "acme", "--json"))
    organization = listed[0]["external_org_id"]
    for signal_type in listed[0]["signal_types"].split(","):
        project.call("dismiss", "--company", "acme", "--org", organization, "--signal", signal_type)
    project.run()
    listed = json.loads(project.call("signals", "--company", "acme", "--json"))
    assert organization not in {row["external_org_id"] for row in listed}


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
