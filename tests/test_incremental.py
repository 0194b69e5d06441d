"""Builds that continue one another leave the tables of one build from scratch."""

import random
import re
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion.reference import signal_types
from tests.support.dbt_runner import PROJECT_ROOT
from tests.support.raw_warehouse import write_seeds
from tests.support.replay import Plan, Rows, replay, split_rows
from tests.support.worlds import PROJECT_SEEDS, World, draw_world, read_seeds

# What a build leaves for its own later models: it differs by what the build had to do.
_OF_ONE_BUILD = {
    "int_build_inputs",
    "int_built_inputs",
    "int_new_loads",
    "int_changed_events",
    "int_changed_visits",
    "int_inferred_visits",
    "int_events_sent_again",
    "int_replaced_events",
    "int_events_of_stale_days",
    "int_moved_organization_starts",
    "int_stale_event_days",
    "int_stale_organization_days",
    "int_stale_signal_days",
    "int_window_ranges",
    "int_mrr_ranges",
    "int_signal_candidates",
    *(f"int_signal_{signal_type}" for signal_type in signal_types(PROJECT_SEEDS)),
    # They keep what no event has any more.
    "int_event_kinds",
    "int_feature_matches",
    "int_page_paths",
}
_MARKS = {"built_in", "loaded_at", "load_id", "_dlt_load_id"}


@pytest.mark.parametrize("number", [0])
def test_batches_in_any_order_end_in_the_tables_of_one_build(tmp_path: Path, number: int) -> None:
    _check_replay(tmp_path, number, batches=4)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 9))
def test_many_batches_end_in_the_tables_of_one_build(tmp_path: Path, number: int) -> None:
    _check_replay(tmp_path, number, batches=3 + number % 5)


def test_a_build_is_complete_when_every_incremental_model_stands() -> None:
    models = (PROJECT_ROOT / "dbt_project" / "models").rglob("*.sql")
    incremental = {file.stem for file in models if "materialized='incremental'" in file.read_text()}
    end = next((PROJECT_ROOT / "dbt_project" / "models").rglob("int_built_inputs.sql")).read_text()
    listed = set(re.findall(r"'(\w+)'", end.partition("set history = [")[2].partition("]")[0]))
    assert incremental
    assert listed == incremental | {"int_organization_mrr_changes_built"}


def _check_replay(folder: Path, number: int, batches: int) -> None:
    random_source = random.Random(number)
    world = draw_world(number % 3)
    loads = split_rows(world.raw_rows(), batches, random_source)
    days = [world.as_of - timedelta(days=random_source.choice([0, 0, 1, 2, 40])) for _ in loads[1:]]
    days = [*sorted(days), world.as_of]
    step_by_step = _build(folder / "steps", world, list(zip(days, loads, strict=True)))
    at_once = _build(folder / "once", world, [(world.as_of, _joined(loads))])
    assert _was_continued(step_by_step)
    assert not _was_continued(at_once)
    assert _different_tables(step_by_step, at_once) == []


def _build(folder: Path, world: World, builds: list) -> Path:
    seeds, warehouse = folder / "seeds", folder / "warehouse.duckdb"
    write_seeds(seeds, PROJECT_SEEDS, world.seed_rows(read_seeds(PROJECT_SEEDS)))
    replay(Plan(warehouse, seeds, folder / "work", tuple(builds)))
    return warehouse


def _joined(loads: list[Rows]) -> Rows:
    joined: Rows = {}
    for load in loads:
        for table, rows in load.items():
            joined.setdefault(table, []).extend(rows)
    return joined


def _was_continued(warehouse: Path) -> bool:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        query = "select value from intermediate.int_build_inputs where name = 'continues'"
        return connection.execute(query).fetchone() == ("true",)


def _different_tables(left: Path, right: Path) -> list[str]:
    """One line per table whose rows are not the same in both warehouses."""
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{left}' as steps (read_only)")
        connection.execute(f"attach '{right}' as once (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'once'"
            " and schema_name in ('intermediate', 'marts') order by all"
        ).fetchall()
        assert len(tables) > 80
        for schema, table in tables:
            if table in _OF_ONE_BUILD:
                continue
            columns = connection.execute(
                "select column_name from duckdb_columns() where database_name = 'once'"
                " and schema_name = $1 and table_name = $2 order by column_index",
                [schema, table],
            ).fetchall()
            names = ", ".join(f'"{name}"' for (name,) in columns if name not in _MARKS)
            for one, other in (("steps", "once"), ("once", "steps")):
                only_here = connection.execute(
                    f"select {names} from {one}.{schema}.{table}"
                    f" except all select {names} from {other}.{schema}.{table} limit 3"
                ).fetchall()
                if only_here:
                    found.append(f"{schema}.{table} only in {one}: {only_here}")
    return found
