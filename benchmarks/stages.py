"""The stages in the order in which they are measured, limit and stage in turn."""

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psutil

from benchmarks.data import AS_OF, NEXT_DAY, Data, add_files, read_all
from benchmarks.measure import Cost, measure, python
from ingestion.settings import PROJECT_ROOT

READ_COMMANDS = {
    "signals": ["signals", "--company", "acme"],
    "revenue": ["revenue", "--company", "acme"],
    "organizations": ["organizations", "--company", "acme"],
    "rejects": ["rejects", "--company", "acme"],
}
_READ_RUNS = 5

Measured = Iterator[tuple[str, Cost]]


@dataclass(frozen=True)
class Bench:
    """One run over one size of data, in a folder of its own."""

    data: Data
    folder: Path
    check: Callable[[Path, Path], None]
    """Called with the limit's and the pipeline's warehouse once both have their marts."""

    def stages(self) -> dict[str, Callable[[], Measured]]:
        """What can be measured, by the names of ``--stages``. Each needs those before it."""
        return {
            "load": self.load,
            "parquet": self.parquet,
            "transform": self.transform,
            "start": self.start,
            "publish": self.publish,
            "run": self.run,
            "read": self.read,
        }

    def load(self) -> Measured:
        """NDJSON files into ``raw``."""
        read_all(self.data.landing)
        yield "limit load", self._limit("load", self.data.landing, self.folder / "plain.duckdb")
        (self.folder / "plain.duckdb").unlink()
        read_all(self.data.landing)
        yield "load", self._ours("load", "stages", self.data.landing)

    def parquet(self) -> Measured:
        """The same events as Parquet files."""
        target = self.folder / "plain.duckdb"
        read_all(self.data.parquet)
        yield "limit parquet", self._limit("load-parquet", self.data.parquet, target)
        target.unlink()
        read_all(self.data.parquet)
        yield "parquet", self._ours("load", "parquet", self.data.parquet)
        shutil.rmtree(self.folder / "parquet")

    def transform(self) -> Measured:
        """``dbt build`` from scratch; the script that makes the same."""
        day = str(AS_OF)
        yield "transform", self._ours("transform", "stages", self.data.landing, day)
        target = self._limit_warehouse
        yield "limit transform", self._limit("transform", self._warehouse("stages"), day, target)
        self.check(target, self._warehouse("stages"))

    def start(self) -> Measured:
        """``dbt build`` with nothing new: what it takes however little there is to do."""
        cost = self._ours("transform", "stages", self.data.landing, str(AS_OF))
        yield "transform nothing new", cost

    def publish(self) -> Measured:
        """The copies that BI reads."""
        yield "limit publish", self._limit("publish", self._limit_warehouse, self.folder / "copies")
        shutil.rmtree(self.folder / "copies")
        self._limit_warehouse.unlink()
        yield "publish", self._ours("publish", "stages", self.data.landing)
        shutil.rmtree(self.folder / "stages")

    def run(self) -> Measured:
        """``saas-tracker run`` as the landing zone grows."""
        landing = self.folder / "landing"
        add_files(self.data.landing, landing)
        read_all(landing)
        yield "run", self._run(AS_OF)
        yield "run nothing new", self._run(AS_OF)
        add_files(self.data.next_day, landing)
        yield "run one more day", self._run(NEXT_DAY)
        add_files(self.data.late, landing)
        yield "run late file", self._run(NEXT_DAY)
        yield "run next as-of date", self._run(NEXT_DAY + timedelta(days=1))
        yield "run full refresh", self._run(NEXT_DAY + timedelta(days=1), "--full-refresh")

    def read(self) -> Measured:
        """The commands that only read."""
        for name, arguments in READ_COMMANDS.items():
            for _ in range(_READ_RUNS):
                yield f"read {name}", self._command(NEXT_DAY, *arguments)

    @property
    def _limit_warehouse(self) -> Path:
        return self.folder / "limit.duckdb"

    def _warehouse(self, name: str) -> Path:
        return self.folder / name / f"{name}.duckdb"

    def _environment(self, name: str, landing: Path, as_of: date) -> dict[str, str]:
        home = self.folder / "dagster"
        home.mkdir(exist_ok=True)
        return {**settings_of(self._warehouse(name), landing, as_of), "DAGSTER_HOME": str(home)}

    def _limit(self, program: str, *arguments: object) -> Cost:
        command = python("-m", "benchmarks.limits", program, *arguments)
        return measure(command, {}, PROJECT_ROOT)

    def _ours(self, program: str, name: str, landing: Path, *arguments: object) -> Cost:
        return stage(program, self._environment(name, landing, AS_OF), *arguments)

    def _run(self, as_of: date, *options: str) -> Cost:
        return self._command(as_of, "run", *options)

    def _command(self, as_of: date, *arguments: str) -> Cost:
        executable = str(Path(sys.executable).with_name("saas-tracker"))
        environment = self._environment("run", self.folder / "landing", as_of)
        return measure([executable, *arguments], environment, PROJECT_ROOT)


def settings_of(warehouse: Path, landing: Path, as_of: date) -> dict[str, str]:
    """The variables of a run on a warehouse; the copies lie beside it."""
    return {
        "SAAS_TRACKER_LANDING": str(landing),
        "SAAS_TRACKER_WAREHOUSE": str(warehouse),
        "SAAS_TRACKER_SERVING": str(warehouse.parent / "serving"),
        "SAAS_TRACKER_NOW": f"{as_of}T23:00:00",
    }


def stage(
    program: str,
    environment: Mapping[str, str],
    *arguments: object,
    beside: Callable[[], list[psutil.Process]] = list,
) -> Cost:
    """What one program of ``benchmarks.ours`` costs, with what works for it beside it."""
    command = python("-m", "benchmarks.ours", program, *arguments)
    return measure(command, environment, PROJECT_ROOT, beside)
