"""Marts after a withdrawal, in a build that continues: as in a warehouse that never had it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import PROJECT_ROOT

NOW = "2026-03-10T12:00:00Z"
# Ids of loads are times, and rejected rows are named for them; everything else is the same.
LOAD_IDS = ("load_id", "row_id")


def saas_tracker(folder: Path, *arguments: str) -> str:
    environment = {
        **os.environ,
        "SAAS_TRACKER_LANDING": str(folder / "landing"),
        "SAAS_TRACKER_WAREHOUSE": str(folder / "warehouse" / "tracker.duckdb"),
        "SAAS_TRACKER_SERVING": str(folder / "serving"),
        "DAGSTER_HOME": str(folder / "dagster"),
        "SAAS_TRACKER_NOW": NOW,
    }
    command = [sys.executable, "-c", "from orchestration.cli import main; main()", *arguments]
    done = subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def marts_that_differ(one: Path, other: Path) -> dict[str, list]:
    with duckdb.connect() as connection:
        for name, folder in (("one", one), ("other", other)):
            copy = folder / "serving" / "all.duckdb"
            connection.execute(f"attach '{copy}' as {name} (read_only)")
        tables = connection.execute(
            "select table_name, list(column_name order by column_index) from duckdb_columns()"
            " where database_name = 'other' and schema_name = 'marts' group by 1 order by 1"
        ).fetchall()
        assert len(tables) > 50
        found = {}
        for table, columns in tables:
            names = ", ".join(f'"{name}"' for name in columns if name not in LOAD_IDS)
            rows = connection.execute(
                f"(select {names} from one.marts.{table} except all"
                f" select {names} from other.marts.{table} limit 2) union all"
                f" (select {names} from other.marts.{table} except all"
                f" select {names} from one.marts.{table} limit 2)"
            ).fetchall()
            if rows:
                found[table] = rows
        return found


@pytest.mark.slow
def test_marts_are_those_of_a_warehouse_that_never_had_the_files(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    generate = ("--organizations", "8", "--days", "45", "--events", "2000")
    saas_tracker(one, "demo", "generate", "--landing", str(one / "landing"), *generate)
    shutil.copytree(one / "landing", other / "landing")  # with the times of the files
    paths = [str(path.relative_to(one / "landing")) for path in (one / "landing").rglob("*.*")]
    events = sorted(path for path in paths if "/apps/web/events/" in path and "03-04" in path)[0]
    imports = [
        sorted(path for path in paths if path.startswith(f"acme/imports/{kind}/"))[-1]
        for kind in ("subscriptions", "organizations")
    ]
    saas_tracker(one, "run")
    for path in (events, *imports):
        assert json.loads(saas_tracker(one, "withdraw", path, "--apply", "--json"))["applied"]
        (other / "landing" / path).unlink()
    saas_tracker(one, "run")
    saas_tracker(other, "run")
    assert marts_that_differ(one, other) == {}
