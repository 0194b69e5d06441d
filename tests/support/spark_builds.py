"""A world that DuckDB and a small Spark cluster of its own build, one state after the other."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from orchestration.platform.spark import processes
from orchestration.platform.spark.cluster import Cluster
from tests.support.dbt_runner import finish_dbt, start_dbt
from tests.support.raw_warehouse import append_rows, build_warehouse, write_seeds
from tests.support.replay import Rows
from tests.support.worlds import PROJECT_SEEDS

WITHOUT_TESTS = ("--exclude-resource-type", "test", "unit_test")


@dataclass(frozen=True)
class State:
    """What a build finds: rows that are new to it, reference data, the as-of day."""

    as_of: date
    seeds: Rows
    rows: Rows = field(default_factory=dict)


@contextmanager
def small_cluster() -> Iterator[Cluster]:
    """A cluster for the length of a test."""
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


@dataclass(frozen=True)
class BothEngines:
    """A warehouse of DuckDB, and the lake of a cluster with the same raw rows."""

    cluster: Cluster
    folder: Path

    @property
    def warehouse(self) -> Path:
        return self.folder / "warehouse.duckdb"

    @property
    def spark_log(self) -> Path:
        """What dbt has sent to Spark, of all builds."""
        return self.folder / "spark" / "logs" / "dbt.log"

    def load(self, state: State) -> None:
        """Add the state's rows to both."""
        from tests.support.lake import export_raw, open_catalog

        if self.warehouse.exists():
            append_rows(self.warehouse, state.rows)
        else:
            build_warehouse(self.warehouse, state.rows)
        export_raw(self.warehouse, open_catalog(self.cluster))

    def build(self, state: State, *arguments: str) -> None:
        """Build both, beside each other."""
        started = [start(state, "build", *WITHOUT_TESTS, *arguments)
                   for start in (self.start_duckdb, self.start_spark)]  # fmt: skip
        for process in started:
            finish_dbt(process)

    def start_duckdb(self, state: State, *arguments: str) -> subprocess.Popen:
        """Start dbt on DuckDB."""
        return self._start("duckdb", state, arguments, {})

    def start_spark(
        self, state: State, *arguments: str, threads: int | None = None
    ) -> subprocess.Popen:
        """Start dbt on the cluster; with one thread it sends one statement at a time."""
        settings = {
            "SAAS_TRACKER_TARGET": "spark",
            "SAAS_TRACKER_SPARK_PORT": str(self.cluster.port),
            "SAAS_TRACKER_SPARK_THREADS": str(threads or os.cpu_count()),
        }
        return self._start("spark", state, arguments, settings)

    def differences(self, *names: str) -> dict[str, list[str]]:
        """What differs, by mart; of all marts, where none is named."""
        from tests.support.lake import different_marts, read_marts

        marts = read_marts(self.folder / "spark" / "target" / "manifest.json")
        chosen = [mart for mart in marts if not names or mart.name in names]
        assert len(chosen) == len(names or marts) >= 1
        return different_marts(self.warehouse, self.cluster, chosen)

    def count_rows(self, table: str) -> int:
        """The rows of a table of the lake; no server is asked."""
        from tests.support.lake import open_catalog

        return open_catalog(self.cluster).load_table(table).scan().count()

    def _start(
        self, engine: str, state: State, arguments: tuple[str, ...], settings: dict[str, str]
    ) -> subprocess.Popen:
        work_dir = self.folder / engine
        write_seeds(work_dir / "seeds", PROJECT_SEEDS, state.seeds)
        return start_dbt(*arguments, warehouse=self.warehouse, seeds=work_dir / "seeds",
                         work_dir=work_dir, as_of=state.as_of, settings=settings)  # fmt: skip
