"""The dbt unit tests (one per rule that an analyst may edit), and the data tests without data."""

import json
import shutil
from datetime import date
from typing import Any

import duckdb
import pytest

from ingestion.ids import ID_PATTERN
from tests.support.dbt_runner import PROJECT_ROOT, finish_dbt, start_dbt
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
    shutil.copytree(PROJECT_ROOT / "seeds", place["seeds"])
    finish_dbt(start_dbt("build", **place))
    return place


def test_unit_tests_pass_and_an_empty_warehouse_builds(built: dict[str, Any]) -> None:
    results = _results(built)
    statuses = {
        kind: {result["status"] for result in results if result["unique_id"].startswith(kind)}
        for kind in ("model.", "test.", "unit_test.")
    }
    assert statuses == {"model.": {"success"}, "test.": {"pass"}, "unit_test.": {"pass"}}


def test_columns_carry_the_words_of_the_documentation(built: dict[str, Any]) -> None:
    with duckdb.connect(str(built["warehouse"]), read_only=True) as connection:
        comments = dict(
            connection.execute(
                "select table_name || '.' || column_name, comment from duckdb_columns()"
                " where schema_name = 'marts'"
            ).fetchall()
        )
    assert comments["revenue_kpis.arpa"] == "MRR / paying organizations; null without any."
    assert None not in comments.values()
    assert not [name for name, text in comments.items() if "<!" in text or "->" in text[-3:]]


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
        assert len(_broken(built, "events_key_and_rules")) == 1
    finally:
        with duckdb.connect(str(built["warehouse"])) as connection:
            connection.execute(f"delete from {table}")


def test_a_mart_keeps_its_key_and_its_rules(built: dict[str, Any]) -> None:
    """A row of the result for each row that breaks one: whose, which rule, and its key."""
    row = "'a', 'o', date '2026-03-01'"
    with duckdb.connect(str(built["warehouse"])) as connection:
        columns = "company_id, external_org_id, month, movement, amount"
        others = _filler(connection, "mrr_movements", columns.split(", "))
        connection.execute(
            f"insert into marts.mrr_movements by name select *, {others}"
            f" from (values ({row}, 'rise', 1), ({row}, 'rise', 1)) as rows ({columns})"
        )
    try:
        assert _broken(built, "mrr_movements_key_and_rules") == [
            ("a", rule, "a, o, 2026-03-01, rise")
            for rule in (
                "company_id, external_org_id of organizations",
                "company_id, external_org_id of organizations",
                "movement in ('new', 'reactivation', 'expansion', 'contraction', 'churn', 'fx')",
                "movement in ('new', 'reactivation', 'expansion', 'contraction', 'churn', 'fx')",
                "unique: company_id, external_org_id, month, movement",
            )
        ]
    finally:
        with duckdb.connect(str(built["warehouse"])) as connection:
            connection.execute("delete from marts.mrr_movements")


_SEED_ROWS = {
    "applications (company_id, app_id, identity_mode, session_timeout_minutes)": (
        "('acme', 'web', 'User', 0), ('acme', 'all', null, 30), ('acme', 'a b', 'user', null)"
    ),
    "signal_rules (company_id, signal_type, parameter, value)": (
        "('*', 'usage_dorp', 'x', null), ('*', null, 'x', 1)"
    ),
    "signal_types (signal_type, is_risk, sort_order, name, description)": (
        "('quiet', true, 1, 'Quiet', 'x')"
    ),
    "page_paths (company_id, app_id, path_pattern)": "('*', '*', 'tasks')",
    "feature_definitions (company_id, app_id, feature_key)": "('*', '*', null)",
}


def test_reference_data_keeps_its_key_and_its_rules(built: dict[str, Any]) -> None:
    tables = [place.split(" ")[0] for place in _SEED_ROWS]
    with duckdb.connect(str(built["warehouse"])) as connection:
        for table, (place, rows) in zip(tables, _SEED_ROWS.items(), strict=True):
            connection.execute(f"create table {table}_as_it_was as from seeds.{table}")
            connection.execute(f"insert into seeds.{place} values {rows}")
    try:
        found = _broken(built, *(f"{table}_key_and_rules" for table in tables))
        assert [row[-2:] for row in found] == [
            ("app_id is an id", "acme, a b"),
            ("app_id is an id", "acme, all"),
            ("identity_mode in ('user', 'instance')", "acme, web"),
            ("not null: company_id, app_id, feature_key", "*, *, null"),
            ("not null: company_id, signal_type, parameter", "*, null, x"),
            ("not null: value", "*, usage_dorp, x"),
            ("session_timeout_minutes not < 1", "acme, web"),
            ("signal_type of signal_types", "*, usage_dorp, x"),
            ("substring(path_pattern, 1, 1) in ('/', '*')", "*, *, tasks"),
            ("unique: company_id, app_id", "acme, web"),
            ("unique: sort_order", "1"),
        ]
    finally:
        with duckdb.connect(str(built["warehouse"])) as connection:
            for table in tables:
                connection.execute(f"delete from seeds.{table}")
                connection.execute(f"insert into seeds.{table} from {table}_as_it_was")
                connection.execute(f"drop table {table}_as_it_was")


def test_ids_have_one_pattern(built: dict[str, Any]) -> None:
    manifest = json.loads((built["work_dir"] / "target/manifest.json").read_text())
    macro = manifest["macros"]["macro.saas_tracker.id_pattern"]["macro_sql"]
    assert f"'^{ID_PATTERN.pattern}$'" in macro


def _broken(built: dict[str, Any], *tests: str) -> list[tuple[Any, ...]]:
    """The rows that these tests of dbt select now, from all of them."""
    queries = {
        result["unique_id"].split(".")[2]: result["compiled_code"] for result in _results(built)
    }
    with duckdb.connect(str(built["warehouse"]), read_only=True) as connection:
        return sorted(
            (row for test in tests for row in connection.execute(queries[test]).fetchall()),
            key=lambda row: tuple(map(str, row[-2:])),
        )


def _filler(connection: duckdb.DuckDBPyConnection, mart: str, given: list[str]) -> str:
    """A select list of values for the columns of a mart that must not be null."""
    values = {"VARCHAR": "'x'", "DATE": "date '2026-03-01'"}
    return (
        ", ".join(
            f"{values.get(kind, '1')} as {name}"
            for name, kind in connection.execute(
                "select column_name, data_type from duckdb_columns() where schema_name = 'marts'"
                " and table_name = $1 and not is_nullable",
                [mart],
            ).fetchall()
            if name not in given
        )
        or "null as nothing"
    )


def _results(built: dict[str, Any]) -> list[dict[str, Any]]:
    found = json.loads((built["work_dir"] / "target/run_results.json").read_text())
    # The hooks of a build are results too.
    return [row for row in found["results"] if not row["unique_id"].startswith("operation.")]
