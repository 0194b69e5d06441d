"""The commands on Spark, from a landing zone to published copies equal to those of DuckDB."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import Settings
from orchestration.platform.spark import processes
from orchestration.platform.spark.cluster import Cluster
from tests.test_end_to_end import COMMAND, Project

pytest.importorskip("pyiceberg", reason="make setup-spark installs what Spark needs")

from orchestration.transformation.lake_engine import LakeEngine
from tests.support.lake import differences, read_marts
from tests.support.spark_builds import small_cluster
from tests.support.spark_faults import BEFORE_INSERT, wait_for_statement

pytestmark = [pytest.mark.slow, pytest.mark.spark]

SIZES = ("--organizations", "12", "--days", "50", "--events", "1500", "--seed", "7")
LATE, REFUSED = "late", "refused"
LEFT_IN_QUARANTINE = 3  # how the command line ends
NAME = r"Æsir \ Søn's"
EVENTS_BY_FILE = (
    "select split_part(event_id, '-', 1), count(*) from marts.events"
    " where external_org_id = 'org' group by 1"
)


class Twins:
    """One landing zone, and a project on either engine that loads it."""

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.cluster = cluster
        self.duckdb, self.spark = (Project(folder / name) for name in ("duckdb", "spark"))
        self.spark.environment |= {
            "SAAS_TRACKER_TARGET": "spark",
            "SAAS_TRACKER_LANDING": str(self.duckdb.landing),
            "SAAS_TRACKER_LAKE": str(cluster.lake),
            "SAAS_TRACKER_LAKE_CATALOG": cluster.catalog_uri,
            "SAAS_TRACKER_SPARK_PORT": str(cluster.port),
        }
        self.settings = Settings(
            target="spark",
            warehouse=self.spark.warehouse,
            lake=str(cluster.lake),
            lake_catalog=cluster.catalog_uri,
            spark_port=cluster.port,
        )

    def call(self, *arguments: str | Path, code: int = 0) -> None:
        for project in (self.duckdb, self.spark):
            project.call(*arguments, code=code)

    def published(self, query: str) -> list[tuple]:
        """Rows of what Spark's project has published of all companies."""
        with duckdb.connect(f"{self.spark.serving}/all.duckdb", read_only=True) as connection:
            return connection.execute(query).fetchall()

    def different_marts(self) -> dict[str, list[str]]:
        """What differs between the published copies of all companies, by mart."""
        manifest = self.spark.warehouse.with_name(".tracker.state") / "dbt/parse/manifest.json"
        with duckdb.connect() as connection:
            for name, project in (("one", self.duckdb), ("other", self.spark)):
                connection.execute(f"attach '{project.serving}/all.duckdb' as {name} (read_only)")
            words = [
                connection.execute(
                    "select table_name, column_name, data_type, comment from duckdb_columns()"
                    f" where database_name = '{name}' order by table_name, column_index"
                ).fetchall()
                for name in ("one", "other")
            ]
            assert words[0] == words[1]
            found = {}
            for mart in read_marts(manifest):
                # Ids of loads differ between two loads of the same files.
                if not any(map(_is_load_id, mart.key)):
                    columns = "select columns(c -> c not like '%load_id')"
                    one, other = (
                        f"({columns} from {name}.marts.{mart.name})" for name in ("one", "other")
                    )
                    if lines := list(differences(connection, one, mart.key, other)):
                        found[mart.name] = lines
        return found


def _is_load_id(column: str) -> bool:
    """Ids of rejected rows are made of it, too."""
    return column == "row_id" or column.endswith("load_id")


@pytest.fixture(scope="module")
def twins() -> Iterator[Twins]:
    with small_cluster() as cluster:
        twins = Twins(cluster.folder.parent, cluster)
        twins.duckdb.call("demo", "generate", "--landing", str(twins.duckdb.landing), *SIZES)
        twins.call("run")
        yield twins


def test_a_run_publishes_what_duckdb_does(twins: Twins) -> None:
    assert twins.different_marts() == {}
    assert len(list(twins.spark.serving.glob("report/*/index.html"))) == 2


def test_nothing_new_builds_nothing(twins: Twins) -> None:
    before = twins.spark.published_bytes()
    assert twins.spark.run()["marts_built"] == 0
    assert twins.spark.published_bytes() == before


def test_the_doctor_finds_nothing_wrong(twins: Twins) -> None:
    found = json.loads(twins.spark.call("doctor", "--json"))
    about = {row["subject"]: row["status"] for row in found}
    assert about["Spark server"] == about["Spark's views"] == about["lake catalog"] == "ok"
    assert {row["status"] for row in found if row["subject"].startswith("Spark")} == {"ok"}


def _start_run(environment: dict[str, str]) -> subprocess.Popen:
    return subprocess.Popen([COMMAND, "run"], env=environment, stderr=subprocess.PIPE,
                            stdout=subprocess.DEVNULL, text=True)  # fmt: skip


def _check_that_no_server_answers(run: subprocess.Popen) -> None:
    """A run ends and says so in one clear line."""
    _, said = run.communicate(timeout=1200)
    assert run.returncode == 1
    assert said.splitlines()[-1].startswith("saas-tracker: no Thrift server of Spark answers")
    assert "make spark-up" in said
    assert "Traceback" not in said


def test_without_a_server_nothing_changes(twins: Twins) -> None:
    twins.duckdb.drop_events(LATE, 12)
    before = twins.spark.published_bytes()
    nowhere = {**twins.spark.environment, "SAAS_TRACKER_SPARK_PORT": str(processes.free_port())}
    _check_that_no_server_answers(_start_run(nowhere))
    assert twins.spark.published_bytes() == before
    with duckdb.connect(str(twins.spark.warehouse), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.events").fetchone() != (0,)


def test_a_late_file_is_added(twins: Twins) -> None:
    twins.duckdb.drop_events(REFUSED, 150, bad=100)
    twins.call("run")
    assert twins.different_marts() == {}
    assert twins.published(EVENTS_BY_FILE) == [(LATE, 12)]


def test_a_server_that_dies_between_delete_and_insert_leaves_serving_as_it_was(
    twins: Twins, tmp_path: Path
) -> None:
    (tmp_path / "subscriptions.csv").write_text(
        "external_org_id,product_code,mrr,currency,start_at\norg,pro,99.90,EUR,2025-01-01\n"
    )
    (tmp_path / "organizations.csv").write_text(f"org_id,name\norg,{NAME}\n")
    twins.call("withdraw", f"acme/apps/web/events/{LATE}.jsonl", "--apply")
    twins.call("rejects", "replay", "--reason", "too_many_rejects", "--apply",
               code=LEFT_IN_QUARANTINE)  # fmt: skip
    for kind in ("organizations", "subscriptions"):
        twins.call("import", kind, tmp_path / f"{kind}.csv", "--company", "acme", "--apply")
    for project in (twins.duckdb, twins.spark):
        project.environment["SAAS_TRACKER_QUALITY_MAX_REJECTED_SHARE"] = "1"
    before, log = twins.spark.published_bytes(), twins.cluster.folder / "thrift-server.log"
    sent = log.stat().st_size
    run = _start_run(twins.spark.environment)
    wait_for_statement(log, BEFORE_INSERT, after=sent)
    twins.cluster.kill("thrift-server")
    _check_that_no_server_answers(run)
    assert twins.spark.published_bytes() == before
    twins.cluster.start_server()


def test_what_was_withdrawn_replayed_and_imported_reaches_the_lake(twins: Twins) -> None:
    twins.call("run")
    assert twins.different_marts() == {}
    assert twins.published(EVENTS_BY_FILE) == [(REFUSED, 150)]
    imported = "select display_name, mrr > 0 from marts.organizations where external_org_id = 'org'"
    assert twins.published(imported) == [(NAME, True)]


def test_failed_tests_and_broken_models_are_asked_of_spark(twins: Twins) -> None:
    engine = LakeEngine(twins.settings)
    failing = "select company_id, 1 as n from marts.companies where company_id = 'acme'"
    with engine.rows_of(failing) as (connection, rows):
        assert connection.execute(rows).fetchall() == [("acme", 1)]
    with engine.trials() as complaint_of:
        assert complaint_of("select 1 as n", ["n"]) is None
        assert complaint_of("select cast(null as int) as n", ["n"]) == "a row has no n"
        assert complaint_of("select 1 / (id - id) as n from range(2)", []) == (
            "DIVIDE_BY_ZERO: Division by zero"
        )
        assert complaint_of("select * from nowhere", []) is None
