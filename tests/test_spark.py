"""The marts that Spark builds are those of DuckDB, from scratch and where a build continues one."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest

from orchestration.platform.spark import processes
from orchestration.platform.spark.cluster import Cluster
from tests.support.dbt_runner import finish_dbt, start_dbt
from tests.support.raw_warehouse import append_rows, build_warehouse, write_seeds
from tests.support.replay import Rows, split_rows
from tests.support.worlds import PROJECT_SEEDS, draw_world, read_seeds

pytest.importorskip("pyiceberg", reason="make setup-spark installs what Spark needs")

from tests.support.lake import different_marts, export_raw, open_catalog, read_marts

pytestmark = [pytest.mark.slow, pytest.mark.spark]

_WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


@dataclass(frozen=True)
class _State:
    name: str
    as_of: date
    seeds: Rows
    rows: Rows = field(default_factory=dict)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    # Not below pytest's own folder: the account of the catalog's server may not enter that.
    folder = Path(tempfile.mkdtemp(prefix="saas-tracker-spark-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "cluster", folder / "lake", processes.free_port(), is_small=True)
    try:
        cluster.up()
        yield cluster
    finally:
        cluster.down()
        shutil.rmtree(folder)


def test_marts_are_equal_in_four_states(cluster: Cluster, tmp_path: Path) -> None:
    """From scratch, after a late file, on the next day, with edited reference data."""
    found = {}
    for state in _states():
        warehouse = _build_both(cluster, tmp_path, state)
        marts = read_marts(tmp_path / "spark" / "target" / "manifest.json")
        assert len(marts) > 70
        found[state.name] = different_marts(warehouse, cluster, marts)
    assert found == {state.name: {} for state in _states()}


def _states() -> list[_State]:
    world = draw_world(0)
    seeds = world.seed_rows(read_seeds(PROJECT_SEEDS))
    edited = {**seeds, "health_bands": [
        {**row, "min_score": "75"} if row["health_band"] == "healthy" else row
        for row in read_seeds(PROJECT_SEEDS)["health_bands"]
    ]}  # fmt: skip
    first, late = split_rows(world.raw_rows(), 2, random.Random(0))
    next_day = world.as_of + timedelta(days=1)
    return [
        _State("from scratch", world.as_of, seeds, first),
        _State("after a late file", world.as_of, seeds, late),
        _State("a day later", next_day, seeds),
        _State("other reference data", next_day, edited),
    ]


def _build_both(cluster: Cluster, folder: Path, state: _State) -> Path:
    """Load the state's rows and build them on both engines; the warehouse of DuckDB."""
    warehouse = folder / "warehouse.duckdb"
    if warehouse.exists():
        append_rows(warehouse, state.rows)
    else:
        build_warehouse(warehouse, state.rows)
    export_raw(warehouse, open_catalog(cluster))
    spark = {
        "SAAS_TRACKER_TARGET": "spark",
        "SAAS_TRACKER_SPARK_PORT": str(cluster.port),
    }
    started = []
    for name, settings in (("duckdb", {}), ("spark", spark)):
        work_dir = folder / name
        write_seeds(work_dir / "seeds", PROJECT_SEEDS, state.seeds)
        started.append(start_dbt("build", *_WITHOUT_TESTS, warehouse=warehouse,
                                 seeds=work_dir / "seeds", work_dir=work_dir, as_of=state.as_of,
                                 settings=settings))  # fmt: skip
    for process in started:
        finish_dbt(process)
    return warehouse
