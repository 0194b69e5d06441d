"""Dagster's own storage in SQLite, with connections that stay open.

Dagster opens a connection for each of the thousand events of a run, for some of them two, and
compiles its statements each time: a quarter of a run of one more day (docs/performance.md).
Files and tables are Dagster's: either storage reads what the other wrote.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.base import EventHandlerFn
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorageWatchdog
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event
from watchdog.events import FileSystemEvent
from watchdog.observers import Observer

from orchestration.platform.instance import dagster_home

_BUSY_SECONDS = 30  # how long one waits for another process that writes, as in Dagster
# One file is that of all runs, the others of one run each; a daemon sees thousands of those.
_OPEN_FILES = 4
# Between the first byte of a commit in the log and the last.
_COMMIT_SECONDS = 0.05
# What a run intends to do arrives together; Dagster hands it on in one piece if it may.
_BATCH = "DAGSTER_EVENT_BATCH_SIZE"
_BATCH_EVENTS = "1000"


class PooledSqliteStorage(DagsterSqliteStorage):
    """For ``storage`` of ``dagster.yaml``. In ``DAGSTER_HOME``, unless ``base_dir`` is given."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = PooledEventLogStorage(self._event_log_storage._base_dir)

    @classmethod
    def config_type(cls) -> dict[str, dg.Field]:
        """What ``config`` may hold."""
        return {"base_dir": dg.Field(dg.StringSource, is_required=False)}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "PooledSqliteStorage":
        """As Dagster calls it."""
        base_dir = config_value.get("base_dir") or str(dagster_home().absolute())
        return cls.from_local(base_dir, inst_data)


class PooledEventLogStorage(SqliteEventLogStorage):
    """Events of all runs, in one file, and of each run, in a file of its own."""

    def __init__(self, base_dir: str) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._batch: _Batch | None = None
        os.environ.setdefault(_BATCH, _BATCH_EVENTS)
        super().__init__(base_dir)
        self._db_lock: Any = threading.RLock()  # a batch holds it while its events are stored

    def dispose(self) -> None:
        """Close all files."""
        super().dispose()  # ends the threads that watch them
        while self._engines:
            self._engines.popitem()[1].dispose()

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Store events in one transaction per file."""
        with self._db_lock, ExitStack() as transactions:
            self._batch = _Batch(transactions, self._ready)
            try:
                super().store_event_batch(events)
            finally:
                self._batch = None

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if self._batch is not None:
                yield self._batch.connection(shard)
                return
            with self._ready(shard).begin() as connection:
                yield connection

    def watch(self, run_id: str, cursor: str | None, callback: EventHandlerFn) -> None:
        """Call back with new events of a run, as the UI asks for."""
        observer: Any = self._obs
        if not observer:
            observer = Observer()
            self._obs = observer
            observer.start()
        watchdog = _Watchdog(self, run_id, callback, cursor)
        watch = observer.schedule(watchdog, self._base_dir, recursive=True)
        self._watchers[run_id][callback] = (watchdog, watch)

    def _ready(self, shard: str) -> Engine:
        """The engine of a file that has its tables."""
        engine = self._engine(shard)
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        return engine

    def _engine(self, shard: str) -> Engine:
        """The engine of a file, which keeps its connection; the one unused longest is closed."""
        engine = self._engines.pop(shard, None)
        if engine is None:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                pool_size=1,
                connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
            )
            event.listen(engine, "connect", _write_without_waiting)
        self._engines[shard] = engine
        if len(self._engines) > _OPEN_FILES:
            self._engines.popitem(last=False)[1].dispose()
        return engine


class _Watchdog(SqliteEventLogStorageWatchdog):
    """Looks at SQLite's log too: a file that is open elsewhere rarely changes itself."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._patterns = [self._log_path, f"{self._log_path}-wal"]

    def on_modified(self, _event: FileSystemEvent) -> None:
        time.sleep(_COMMIT_SECONDS)
        self._process_log()


class _Batch:
    """The connections of one batch of events: each file's transaction ends with the batch."""

    def __init__(self, transactions: ExitStack, engine_of: Callable[[str], Engine]) -> None:
        self._transactions = transactions
        self._engine_of = engine_of
        self._connections: dict[str, Connection] = {}

    def connection(self, shard: str) -> Connection:
        """The connection to a file, opened when it is first asked for."""
        if shard not in self._connections:
            opened = self._engine_of(shard).begin()
            self._connections[shard] = self._transactions.enter_context(opened)
        return self._connections[shard]


def _write_without_waiting(connection: Any, _record: object) -> None:
    """Hand a commit to the system, which writes it later, as SQLite advises for its log (WAL).

    A killed process loses nothing. A machine without power may lose the last records of a run,
    which is then closed like any other whose process is gone.
    """
    connection.execute("pragma synchronous = normal")
