"""The dbt unit tests (one per rule that an analyst may edit), and the data tests without data."""

import json
import shutil
from datetime import date
from pathlib import Path

from tests.support.dbt_runner import PROJECT_ROOT, finish_dbt, start_dbt
from tests.support.raw_warehouse import build_warehouse


def test_unit_tests_pass_and_an_empty_warehouse_builds(tmp_path: Path) -> None:
    seeds, warehouse = tmp_path / "seeds", tmp_path / "warehouse.duckdb"
    shutil.copytree(PROJECT_ROOT / "seeds", seeds)
    build_warehouse(warehouse, {})
    work_dir = tmp_path / "dbt"
    finish_dbt(
        start_dbt(
            "build",
            warehouse=warehouse,
            seeds=seeds,
            work_dir=work_dir,
            as_of=date(2026, 3, 31),
        )
    )
    results = json.loads((work_dir / "target/run_results.json").read_text())["results"]
    statuses = {
        kind: {result["status"] for result in results if result["unique_id"].startswith(kind)}
        for kind in ("model.", "test.", "unit_test.")
    }
    assert statuses == {"model.": {"success"}, "test.": {"pass"}, "unit_test.": {"pass"}}
