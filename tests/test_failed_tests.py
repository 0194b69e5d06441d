"""A failed dbt test holds back the companies of its rows: what its query's result means."""

import json
import re

import duckdb
import pytest

from ingestion.settings import PROJECT_ROOT
from orchestration.transformation.failed_tests import is_gate, verdict_on
from orchestration.transformation.project import ensure_manifest

REGISTERED = {"acme", "globex"}


def judge(rows: str, **options):
    with duckdb.connect() as connection:
        return verdict_on(connection, rows, REGISTERED, **options)


def test_rows_hold_back_their_companies_and_are_named():
    verdict = judge(
        "select * from (values ('acme', 's1', 2), ('acme', 's2', 3), ('globex', 's1', null))"
        " as t(company_id, subscription_id, count) -- the end"
    )
    assert not verdict.blocks
    assert verdict.causes == {
        "acme": [
            "2 rows of acme: company_id acme, subscription_id s1, count 2;"
            " company_id acme, subscription_id s2, count 3"
        ],
        "globex": ["1 rows of globex: company_id globex, subscription_id s1, count (empty)"],
    }


@pytest.mark.parametrize("company_id", ["null", "'*'"])
def test_rows_of_no_company_concern_all(company_id):
    verdict = judge(f"select {company_id} as company_id, 7 as day union all select 'acme', 8")
    assert verdict.blocks
    assert set(verdict.causes) == {"acme"}


def test_rows_without_the_column_concern_all():
    assert judge("select 1 as n_records").blocks


def test_rows_of_a_company_that_is_not_registered_warn():
    verdict = judge("select 'initech' as company_id")
    assert (verdict.errors, verdict.warnings) == (
        (),
        ("1 rows of initech: company_id initech",),
    )


def test_a_test_that_warns_holds_nobody_back():
    verdict = judge("select 'acme' as company_id", holds_back=False)
    assert (verdict.causes, len(verdict.warnings)) == ({}, 1)


@pytest.fixture(scope="module")
def tests_of_project(parsed_project):
    manifest = json.loads(ensure_manifest(parsed_project).read_text())
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]


def test_a_run_sets_the_severity_of_every_test_but_those_that_say_warn(tests_of_project):
    assert {test["config"]["severity"] for test in tests_of_project} == {"warn"}
    gates = [test for test in tests_of_project if is_gate(test)]
    assert len(gates) > 60
    own = {test["name"] for test in tests_of_project if not is_gate(test)}
    assert own == {"fleet_does_not_fall"}, "a test's own SQL says so"


def test_every_singular_test_names_the_company_of_its_rows(tests_of_project):
    """Without that column a failure would hold back everybody."""
    for test in tests_of_project:
        if "test_metadata" not in test:
            query = (PROJECT_ROOT / "dbt_project" / test["original_file_path"]).read_text()
            last = re.split(r"\bselect\b", query)[-1]
            assert "company_id" in last or "*" in last, test["name"]


def test_staging_reads_the_rows_of_registered_companies_alone():
    """Events are restricted with their applications (int_counted_events), property groups with
    their types, the rest by the macro."""
    folder = PROJECT_ROOT / "dbt_project" / "models" / "staging"
    whole = {file.stem for file in folder.rglob("*.sql") if "source('raw'" in file.read_text()}
    assert whole == {"stg_received_events", "stg_property_groups"}
