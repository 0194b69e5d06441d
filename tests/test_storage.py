"""Dagster's records as the project stores them: the same files, fewer connections."""

import queue
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import Connection, Engine, event

from ingestion.settings import PROJECT_ROOT
from orchestration.platform.storage import PooledEventLogStorage, PooledSqliteStorage

RUNS = 8
PLANNED = dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED


def make_table(name: str) -> dg.AssetsDefinition:
    @dg.asset(name=name)
    def build() -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata={"rows": 7})

    return build


TABLES = [make_table(name) for name in ("customers", "events", "plans", "seats")]
table = TABLES[0]


def planned_run(instance: dg.DagsterInstance) -> dg.DagsterRun:
    job = dg.Definitions(TABLES).resolve_implicit_global_asset_job_def()
    return instance.create_run_for_job(job)


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").symlink_to(PROJECT_ROOT / "dagster.yaml")
    return tmp_path


@pytest.fixture
def commits():
    """The files in which something was committed, one by one."""
    files = []

    def note(connection: Connection) -> None:
        files.append(connection.engine.url.database)

    event.listen(Engine, "commit", note)
    yield files
    event.remove(Engine, "commit", note)


def test_the_project_s_instance_keeps_its_events_in_dagster_s_own_files(home):
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, PooledEventLogStorage)
        run_ids = {dg.materialize([table], instance=instance).run_id for _ in range(RUNS)}
    (home / "dagster.yaml").unlink()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    with dg.DagsterInstance.get() as plain:
        assert not isinstance(plain.event_log_storage, PooledEventLogStorage)
        assert {run.run_id for run in plain.get_runs()} == run_ids
        records = plain.fetch_materializations(table.key, limit=100).records
        assert {record.run_id for record in records} == run_ids
        assert all(
            plain.all_logs(run_id, of_type=dg.DagsterEventType.STEP_SUCCESS) for run_id in run_ids
        )


def test_events_of_dagster_s_own_storage_are_read(home):
    (home / "dagster.yaml").unlink()
    with dg.DagsterInstance.get() as plain:
        run_id = dg.materialize([table], instance=plain).run_id
    storage = PooledSqliteStorage.from_local(str(home)).event_log_storage
    assert len(storage.get_logs_for_run(run_id)) > 1
    storage.dispose()


def test_a_commit_does_not_wait_for_the_disk_and_is_logged(home):
    with dg.DagsterInstance.get() as instance:
        dg.materialize([table], instance=instance)
        with instance.event_log_storage.index_connection() as connection:
            settings = {
                name: connection.exec_driver_sql(f"pragma {name}").scalar()
                for name in ("synchronous", "journal_mode")
            }
    assert settings == {"synchronous": 1, "journal_mode": "wal"}


def test_what_a_run_intends_to_do_is_written_in_one_transaction_per_file(home, commits):
    with dg.DagsterInstance.get() as instance:
        planned_run(instance)  # makes the file of all runs
        commits.clear()
        run = planned_run(instance)
        assert len(instance.all_logs(run.run_id, of_type=PLANNED)) == len(TABLES)
        storage = instance.event_log_storage
        assert commits.count(storage.path_for_shard("index")) == 1
        with storage.index_connection() as connection:
            mirrored = connection.exec_driver_sql("select count(*) from event_logs").scalar()
    assert mirrored == 2 * len(TABLES)


def test_a_batch_that_breaks_leaves_nothing_and_its_events_are_stored_one_by_one(home, monkeypatch):
    store, calls = PooledEventLogStorage.store_event, []

    def break_once(self, event):
        store(self, event)
        calls.append(event)
        if len(calls) == len(TABLES) - 1:
            raise OSError("the disk is full")

    monkeypatch.setattr(PooledEventLogStorage, "store_event", break_once)
    with dg.DagsterInstance.get() as instance:
        run = planned_run(instance)
        assert len(calls) == 2 * len(TABLES) - 1
        assert len(instance.all_logs(run.run_id, of_type=PLANNED)) == len(TABLES)


def test_the_ui_hears_of_events_while_the_run_still_has_its_file_open(home):
    heard = queue.Queue()
    with dg.DagsterInstance.get() as ui, dg.DagsterInstance.get() as run:
        run_id = planned_run(run).run_id
        ui.watch_event_logs(run_id, None, lambda entry, _: heard.put(entry.dagster_event.message))
        for words in ("first", "second"):
            run.report_engine_event(words, run.get_run_by_id(run_id))
            while heard.get(timeout=30) != words:
                pass


def test_no_more_files_stay_open_than_a_few(home):
    with dg.DagsterInstance.get() as instance:
        for _ in range(RUNS):
            dg.materialize([table], instance=instance)
        assert len(_open_event_files(home)) <= 4
    assert not _open_event_files(home)


def _open_event_files(home: Path) -> set[Path]:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("only Linux lists what a process has open")
    events = home.resolve() / "history" / "runs"
    targets = {link.readlink() for link in folder.iterdir() if link.is_symlink()}
    return {path for path in targets if path.is_relative_to(events) and path.suffix == ".db"}
