"""The dbt unit tests (one per rule that an analyst may edit), and the data tests without data."""

import json
import shutil
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.support.dbt_runner import PROJECT_ROOT, DbtError, finish_dbt, start_dbt
from tests.support.raw_warehouse import build_warehouse


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is given to dbt, which has built an empty warehouse and run the unit tests."""
    folder = tmp_path_factory.mktemp("rules")
    place = {
        "warehouse": folder / "warehouse.duckdb",
        "seeds": folder / "seeds",
        "work_dir": folder / "dbt",
        "as_of": date(2026, 3, 31),
    }
    build_warehouse(place["warehouse"], {})
    _dbt(place, "build")
    return place


def test_unit_tests_pass_and_an_empty_warehouse_builds(built: dict[str, Any]) -> None:
    results = _results(built)
    statuses = {
        kind: {result["status"] for result in results if result["unique_id"].startswith(kind)}
        for kind in ("model.", "test.", "unit_test.")
    }
    assert statuses == {"model.": {"success"}, "test.": {"pass"}, "unit_test.": {"pass"}}


def test_no_table_keeps_numbers_of_16_bytes(built: dict[str, Any]) -> None:
    """DuckDB sums into them, and reads them sixty times slower than bigint."""
    with duckdb.connect(str(built["warehouse"]), read_only=True) as connection:
        wide = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns()"
            " inner join duckdb_tables() using (database_name, schema_name, table_name)"
            " where data_type like '%HUGEINT%'"
        ).fetchall()
    assert wide == []


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("(values ('a', 'web', 'e1'), ('a', 'web', 'e1'))", id="twice"),
        pytest.param("(values ('a', 'web', 'e1'), ('a', 'web', null))", id="without an id"),
    ],
)
def test_an_event_is_there_once_and_has_an_id(built: dict[str, Any], rows: str) -> None:
    table = "intermediate.int_session_events"
    others = "external_org_id, event, user_hash, session_id, occurred_at, received_at, occurred_on"
    with duckdb.connect(str(built["warehouse"])) as connection:
        connection.execute(
            f"insert into {table} (company_id, app_id, event_id, {others}, environment)"
            " select *, '1', 'x', 'u', 's', timestamp '2026-01-01', timestamp '2026-01-01',"
            f" date '2026-01-01', 'production' from {rows}"
        )
    try:
        with pytest.raises(DbtError):
            _dbt(built, "test", "--select", "unique_key_events*")
        [result] = _results(built)
        assert (result["status"], result["failures"]) == ("fail", 1)
    finally:
        with duckdb.connect(str(built["warehouse"])) as connection:
            connection.execute(f"delete from {table}")


def test_a_mart_keeps_its_key_and_its_rules(built: dict[str, Any]) -> None:
    """One row of the result for each that is broken: the key, and the kinds of movement."""
    row = "'a', 'o', date '2026-03-01', 'O', 'EUR'"
    with duckdb.connect(str(built["warehouse"])) as connection:
        connection.execute(
            "insert into marts.mrr_movements (company_id, external_org_id, month, display_name,"
            " reporting_currency, movement, amount)"
            f" values ({row}, 'rise', 1), ({row}, 'rise', 1)"
        )
    try:
        with pytest.raises(DbtError):
            _dbt(built, "test", "--select", "key_and_rules_mrr_movements_company*")
        [result] = _results(built)
        assert (result["status"], result["failures"]) == ("fail", 2)
    finally:
        with duckdb.connect(str(built["warehouse"])) as connection:
            connection.execute("delete from marts.mrr_movements")


def _dbt(place: dict[str, Any], *arguments: str) -> None:
    # dbt writes its own SQL over seeds that are given by an absolute path.
    shutil.copytree(
        PROJECT_ROOT / "seeds", place["seeds"], copy_function=shutil.copyfile, dirs_exist_ok=True
    )
    finish_dbt(start_dbt(*arguments, **place))


def _results(built: dict[str, Any]) -> list[dict[str, Any]]:
    found = json.loads((built["work_dir"] / "target/run_results.json").read_text())
    # The hooks of a build are results too.
    return [row for row in found["results"] if not row["unique_id"].startswith("operation.")]
