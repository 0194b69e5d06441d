"""Column lineage read from SQL, and how it is kept."""

import json

import dagster as dg
import pytest
from sqlglot.schema import MappingSchema

from ingestion.settings import Settings
from orchestration.platform import faults
from orchestration.platform.faults import explained
from orchestration.transformation.lineage import ColumnLineage, column_schema, readable, sources_of
from orchestration.transformation.project import build_folder, parse_folder

COLUMNS = {
    "staging": {"stg_events": {"org": "text", "amount": "bigint"}},
    "seeds": {"plans": {"org": "text", "fee": "bigint"}},
    "marts": {"totals": {"org": "text", "total": "bigint", "kind": "text"}},
}
SQL = """
with

events as (select * from "db"."staging"."stg_events"),

sums as (
    select events.org, sum(events.amount) + max(plans.fee) as total
    from events left join "db"."seeds"."plans" as plans on events.org = plans.org
    group by events.org
)

select org, total, 'one' as kind from sums
union all
select org, fee, 'two' as kind from "db"."seeds"."plans"
"""


def test_columns_are_followed_through_ctes_joins_and_unions():
    found = sources_of(SQL, MappingSchema(COLUMNS, dialect="duckdb"), "duckdb")
    assert found == {
        "org": [["seeds", "plans", "org"], ["staging", "stg_events", "org"]],
        "total": [["seeds", "plans", "fee"], ["staging", "stg_events", "amount"]],
        "kind": [],
    }


@pytest.fixture
def settings(tmp_path) -> Settings:
    settings = Settings(warehouse=tmp_path / "tracker.duckdb", _env_file=None)
    parse_folder(settings).mkdir(parents=True)
    (parse_folder(settings) / "parsed").write_text("first state")
    write_compiled(settings, SQL)
    return settings


MANIFEST = {
    "metadata": {"adapter_type": "duckdb"},
    "nodes": {
        "model.project.totals": {
            "name": "totals",
            "package_name": "project",
            "original_file_path": "models/totals.sql",
        }
    },
}


def write_compiled(settings, sql):
    file = build_folder(settings) / "compiled" / "project" / "models" / "totals.sql"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(sql)


def total_of(settings) -> list[str]:
    lineage = ColumnLineage(settings, MANIFEST, COLUMNS)
    found = lineage.of(["model.project.totals", "seed.project.plans"])
    assert not lineage.problems
    (known,) = found.values()
    return [dep.column_name for dep in known.deps_by_column["total"]]


def test_it_is_computed_once_per_state_of_the_project(settings):
    assert total_of(settings) == ["fee", "amount"]
    write_compiled(settings, 'select org, amount as total from "db"."staging"."stg_events"')
    assert total_of(settings) == ["fee", "amount"]
    (parse_folder(settings) / "parsed").write_text("second state")
    assert total_of(settings) == ["amount"]


def test_sql_that_cannot_be_read_is_told(settings):
    write_compiled(settings, "select from where (")
    lineage = ColumnLineage(settings, MANIFEST, COLUMNS)
    assert lineage.of(["model.project.totals"]) == {}
    assert lineage.problems[0].startswith("no column lineage of totals: ")


def test_a_spoilt_store_is_made_again(settings):
    (build_folder(settings) / "lineage.json").write_text("{")
    assert total_of(settings) == ["fee", "amount"]
    assert json.loads((build_folder(settings) / "lineage.json").read_text())["models"]


def test_the_readable_form_names_tables_and_columns(settings):
    lineage = ColumnLineage(settings, MANIFEST, COLUMNS).of(["model.project.totals"])
    table = readable(lineage["model.project.totals"])
    rows = {record.data["column"]: record.data["made of"] for record in table.records}
    assert rows["total"] == "seeds.plans.fee, staging.stg_events.amount"
    assert rows["kind"] == ""


def test_types_are_told_where_no_contract_has():
    node = {"columns": {"org": {"description": "Organization."}}, "config": {}}
    schema = column_schema(node, COLUMNS["marts"]["totals"])
    assert schema.columns[0] == dg.TableColumn("org", "text", "Organization.")
    assert [column.type for column in schema.columns] == ["text", "bigint", "text"]
    node["config"] = {"contract": {"enforced": True}}
    assert column_schema(node, COLUMNS["marts"]["totals"]) is None


@pytest.mark.parametrize(
    "message",
    [
        "OSError: [Errno 28] No space left on device",
        'TransactionContext Error: Could not write file "x.wal": No space left on device',
    ],
)
def test_a_full_disk_is_told_with_its_place_and_what_to_do(settings, message):
    said = explained(message, settings)
    assert said.startswith("the disk of the ")
    assert str(settings.warehouse.parent) in said or str(settings.serving) in said
    assert "make room and run again" in said


def test_a_full_disk_of_the_run_records_is_named(settings, monkeypatch, tmp_path):
    home = tmp_path / "dagster"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    monkeypatch.setattr(faults, "_free", lambda folder: 0 if folder == home else 1 << 30)
    for message in ("database or disk is full", "(sqlite3.OperationalError) disk I/O error"):
        said = explained(message, settings)
        assert said.startswith(f"the disk of the run records, DAGSTER_HOME, is full ({home}")


@pytest.mark.parametrize("message", ["no such table", "(sqlite3.OperationalError) disk I/O error"])
def test_other_faults_keep_their_words(settings, message):
    assert explained(message, settings) == message


CALL = (
    "dagster_dbt.errors.DagsterDbtCliRuntimeError: The dbt CLI process with command `dbt build`"
    " failed with exit code `1`. Check the stdout.\n\nErrors parsed from dbt logs:\n\n"
)
CONTRACT = """1 of 2 ERROR creating sql table model marts.signals .... [ERROR in 1.38s]

Failure in model signals (models/marts/signals/signals.sql)

  Compilation Error in model signals (models/marts/signals/signals.sql)
  This model has an enforced contract that failed.
  Please ensure the name, data_type, and number of columns in your contract match the columns.

  | column_name  | definition_type | contract_type | mismatch_reason       |
  | ------------ | --------------- | ------------- | --------------------- |
  | severity     |                 | DOUBLE        | missing in definition |
  | severity_new | DOUBLE          |               | missing in contract   |
"""


def test_of_dbt_only_its_own_words_are_told(settings):
    said = explained(f"{CALL}Binder Error in model signals\n", settings)
    assert said == "the build failed: Binder Error in model signals"


def test_of_a_broken_contract_the_columns_are_told(settings):
    said = explained(CALL + CONTRACT, settings)
    assert said == (
        "the build failed: model signals (models/marts/signals/signals.sql) does not yield the"
        " columns of its contract (severity: missing in definition; severity_new: missing in"
        " contract): correct the SQL, or change the YAML beside it"
    )
