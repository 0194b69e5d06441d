"""Builds that continue one another leave the tables of one build from scratch."""

import random
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from ingestion.reference import signal_types
from tests.support.raw_warehouse import write_seeds
from tests.support.replay import Plan, Rows, replay, split_rows
from tests.support.worlds import PROJECT_SEEDS, World, draw_world, read_seeds

# They keep what no event has any more.
_CACHES = {"int_event_paths", "int_feature_matches", "int_page_paths"}
# What the last complete build started from, loads by loads.
_LAST_BUILD = {"last_build_inputs"}
# They hold the days that the build scanned.
_SIGNALS = {f"int_signal_{signal_type}" for signal_type in signal_types(PROJECT_SEEDS)}
_MARKS = {"built_in", "loaded_at", "load_id", "_dlt_load_id"}


@pytest.mark.parametrize("number", [0])
def test_batches_in_any_order_end_in_the_tables_of_one_build(tmp_path: Path, number: int) -> None:
    _check_replay(tmp_path, number, batches=4)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 9))
def test_many_batches_end_in_the_tables_of_one_build(tmp_path: Path, number: int) -> None:
    _check_replay(tmp_path, number, batches=3 + number % 5)


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
    """Whether the last build left rows alone: another one wrote them."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        query = "select count(distinct built_in) > 1 from intermediate.int_session_events"
        return connection.execute(query).fetchone()[0]


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
            if table.endswith("__this_run") or table in _LAST_BUILD | _CACHES | _SIGNALS:
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
