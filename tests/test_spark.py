"""The marts that Spark builds are those of DuckDB."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.platform.spark import processes
from orchestration.platform.spark.cluster import Cluster
from tests.support.dbt_runner import finish_dbt, start_dbt
from tests.support.raw_warehouse import build_warehouse, write_seeds
from tests.support.worlds import PROJECT_SEEDS, draw_world, read_seeds

pytest.importorskip("pyiceberg", reason="make setup-spark installs what Spark needs")

from tests.support.lake import different_marts, export_raw, open_catalog, read_marts

pytestmark = [pytest.mark.slow, pytest.mark.spark]

_WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")


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


def test_all_marts_of_a_build_from_scratch_are_equal(cluster: Cluster, tmp_path: Path) -> None:
    world, warehouse = draw_world(0), tmp_path / "warehouse.duckdb"
    build_warehouse(warehouse, world.raw_rows())
    export_raw(warehouse, open_catalog(cluster))
    spark = {"SAAS_TRACKER_TARGET": "spark", "SAAS_TRACKER_SPARK_PORT": str(cluster.port)}
    started = []
    for name, settings in (("duckdb", {}), ("spark", spark)):
        work_dir = tmp_path / name
        seeds = work_dir / "seeds"
        write_seeds(seeds, PROJECT_SEEDS, world.seed_rows(read_seeds(PROJECT_SEEDS)))
        started.append(
            start_dbt(
                "build",
                *_WITHOUT_TESTS,
                warehouse=warehouse,
                seeds=seeds,
                work_dir=work_dir,
                as_of=world.as_of,
                settings=settings,
            )
        )
    for process in started:
        finish_dbt(process)
    marts = read_marts(tmp_path / "spark" / "target" / "manifest.json")
    assert len(marts) > 70
    assert different_marts(warehouse, cluster, marts) == {}
