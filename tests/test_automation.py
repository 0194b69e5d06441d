"""When runs start by themselves, what is tried again, and what happens to old records."""

import errno
import os
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from ingestion.errors import UserError
from ingestion.landing.listing import landing_digest
from ingestion.settings import Settings
from orchestration.pipeline.housekeeping import delete_old_runs
from orchestration.pipeline.jobs import rebuild_run_config
from orchestration.pipeline.schedules import hourly_schedule
from orchestration.pipeline.sensors import LISTING_TAG, landing_sensor, next_step, retry_after
from orchestration.platform import launcher
from orchestration.platform.policy import JOB
from orchestration.platform.retries import MAX_RETRIES, is_transient, retried, wait_seconds
from orchestration.transformation.arguments import Rebuild, build_arguments
from orchestration.transformation.assets import BuildConfig


@pytest.fixture
def instance():
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(
        landing=str(tmp_path / "landing"),
        warehouse=tmp_path / "tracker.duckdb",
        serving=tmp_path / "serving",
        now="2025-03-10T12:00:00Z",
        _env_file=None,
    )


@dg.job(name=JOB)
def main_job():
    pass


@dg.job(name="__ASSET_JOB")
def other_job():
    pass


def add_run(instance, status, digest="abc"):
    return instance.create_run_for_job(main_job, tags={LISTING_TAG: digest}, status=status)


# --- the sensor of the landing zone ---


def test_a_new_listing_starts_one_run_without_moving_the_cursor(instance):
    result = next_step(instance, "abc")
    assert [request.tags for request in result.run_requests] == [{LISTING_TAG: "abc"}]
    assert result.cursor is None


def test_the_cursor_moves_when_the_run_has_succeeded(instance):
    add_run(instance, dg.DagsterRunStatus.SUCCESS)
    result = next_step(instance, "abc")
    assert result.cursor == "abc"
    assert not result.run_requests


@pytest.mark.parametrize("status", ["NOT_STARTED", "STARTING", "STARTED", "CANCELING"])
def test_a_run_under_way_is_waited_for_also_one_with_other_files(instance, status):
    add_run(instance, dg.DagsterRunStatus[status], digest="earlier files")
    assert isinstance(next_step(instance, "abc"), dg.SkipReason)


def test_a_failed_run_is_tried_again_later(instance, monkeypatch):
    add_run(instance, dg.DagsterRunStatus.FAILURE)
    assert isinstance(next_step(instance, "abc"), dg.SkipReason)
    monkeypatch.setattr("orchestration.pipeline.sensors.retry_after", lambda failures: timedelta(0))
    result = next_step(instance, "abc")
    assert result.run_requests[0].run_key == "abc-1"  # another key than the first try's
    assert result.cursor is None


def test_tries_of_the_sensor_back_off():
    waits = [retry_after(failures) for failures in range(1, 12)]
    assert waits[0] == timedelta(minutes=5)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=6)


def test_a_landing_zone_that_is_gone_is_told(settings, instance):
    with dg.build_sensor_context(instance=instance) as context:
        tick = landing_sensor(settings)(context)
    zone = f"the landing zone {settings.landing} cannot be listed"
    assert tick.skip_message.startswith(f"{zone} (No such file or directory): create it")


def test_the_digest_follows_names_sizes_and_times(tmp_path):
    settings = Settings(landing=str(tmp_path), _env_file=None)
    assert landing_digest(settings) is None
    file = tmp_path / "acme" / "imports" / "organizations" / "a.csv"
    file.parent.mkdir(parents=True)
    file.write_text("org_id,name\n")
    first = landing_digest(settings)
    assert first == landing_digest(settings)
    later = datetime.now(UTC).timestamp() + 10
    os.utime(file, (later, later))
    assert landing_digest(settings) != first
    before = landing_digest(settings)
    (file.parent / "b.csv.part").write_text("unfinished")
    assert landing_digest(settings) == before


def test_the_hourly_schedule_does_not_queue_behind_a_long_run(instance):
    schedule = hourly_schedule()
    at = datetime(2025, 3, 10, 9, 15, tzinfo=UTC)

    def tick():
        context = dg.build_schedule_context(instance=instance, scheduled_execution_time=at)
        return schedule.evaluate_tick(context)

    (request,) = tick().run_requests
    assert request.run_config["ops"]["load_landing"]["config"] == {"full_scan": False}
    run = add_run(instance, dg.DagsterRunStatus.STARTED)
    assert tick().run_requests == []
    instance.report_run_failed(run)
    assert len(tick().run_requests) == 1
    by_hand = instance.create_run_for_job(other_job, status=dg.DagsterRunStatus.STARTED)
    assert tick().run_requests == []
    instance.report_run_failed(by_hand)
    assert len(tick().run_requests) == 1


# --- retries ---


def caused(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError("reset"),
        TimeoutError("slow"),
        OSError(errno.ENETUNREACH, "no network"),
        caused(RuntimeError("dlt step failed"), ConnectionError("refused")),
    ],
)
def test_faults_that_pass_are_tried_again(error):
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        UserError("no such company"),
        OSError(errno.ENOSPC, "disk full"),
        PermissionError(errno.EACCES, "no rights"),
        FileNotFoundError(errno.ENOENT, "gone"),
        ValueError("broken"),
    ],
)
def test_faults_that_stay_are_not(error):
    assert not is_transient(error)


def tries_until(failures, error, monkeypatch):
    monkeypatch.setattr("orchestration.platform.retries.FIRST_WAIT_SECONDS", 0)
    tries = []

    @dg.asset
    def flaky(context: dg.AssetExecutionContext) -> None:
        with retried(context):
            tries.append(context.retry_number)
            if len(tries) <= failures:
                raise error

    result = dg.materialize([flaky], raise_on_error=False)
    return result.success, len(tries)


def test_an_operation_is_repeated_after_a_passing_fault(monkeypatch):
    assert tries_until(2, ConnectionError("refused"), monkeypatch) == (True, 3)


def test_an_operation_is_not_repeated_for_ever(monkeypatch):
    assert tries_until(99, TimeoutError("slow"), monkeypatch) == (False, 1 + MAX_RETRIES)


def test_an_operation_is_not_repeated_after_a_mistake(monkeypatch):
    assert tries_until(1, UserError("no such company"), monkeypatch) == (False, 1)


def test_retries_back_off():
    assert [wait_seconds(retry) for retry in range(MAX_RETRIES)] == [10, 20, 40]


# --- rebuilds ---


def test_a_rebuild_passes_its_limits_to_dbt():
    config = rebuild_run_config(
        {"company_id": "acme", "from_date": "2025-03-01", "as_of_date": "2025-03-09"}
    )
    build = BuildConfig(**config["ops"]["build_models"]["config"])
    assert (build.rebuild_company, build.rebuild_from) == ("acme", "2025-03-01")
    assert (build.as_of_date, build.full_refresh) == ("2025-03-09", False)


@pytest.mark.parametrize(
    ("rebuild", "variables"),
    [
        (Rebuild("acme", None), '"rebuild_company": "acme"}'),
        (Rebuild(None, datetime(2025, 3, 1).date()), '"rebuild_from": "2025-03-01"}'),
    ],
)
def test_dbt_variables_of_a_rebuild(rebuild, variables):
    arguments = build_arguments(rebuild=rebuild)
    assert arguments[1:3] == ["--vars", f"{{{variables}"]


def test_a_rebuild_knows_the_companies_and_the_calendar(settings):
    config = BuildConfig(rebuild_company="acme", rebuild_from="2025-03-10")
    assert config.rebuild(settings) == Rebuild("acme", datetime(2025, 3, 10).date())
    assert BuildConfig(full_refresh=True).rebuild(settings) is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"full_refresh": True, "rebuild_company": "acme"}, "leave the others empty"),
        ({"full_refresh": True, "rebuild_from": "2025-03-01"}, "leave the others empty"),
        ({"rebuild_from": "1.3.2025"}, "from_date is not a day"),
        ({"rebuild_from": "2025-03-11"}, "after the as-of date 2025-03-10"),
        ({"rebuild_company": "acme", "as_of_date": "yesterday"}, "as_of_date is not a day"),
        ({"rebuild_company": "acmee"}, "no company 'acmee'; companies: acme"),
    ],
)
def test_a_rebuild_that_makes_no_sense_is_refused(settings, values, words):
    with pytest.raises(UserError, match=words):
        BuildConfig(**values).rebuild(settings)


# --- housekeeping ---


def test_old_runs_are_deleted_but_for_the_newest_of_each_table(instance):
    @dg.asset
    def table() -> None: ...

    older, newest = (dg.materialize([table], instance=instance).run_id for _ in range(2))
    started = add_run(instance, dg.DagsterRunStatus.STARTED).run_id
    now = datetime.now(UTC)
    assert delete_old_runs(instance, now - timedelta(hours=1)) == 0
    assert instance.all_logs(older)

    assert delete_old_runs(instance, now + timedelta(hours=1)) == 1

    assert {run.run_id for run in instance.get_runs()} == {newest, started}
    assert not instance.all_logs(older)
    assert instance.get_latest_materialization_event(table.key).run_id == newest


# --- processes of runs ---


def test_a_process_is_known_by_its_number_and_its_age():
    now = datetime.now(UTC).timestamp()
    assert launcher.is_alive(os.getpid(), since=now)
    # Its number belonged to another process when the run began (a restart of the machine).
    assert not launcher.is_alive(os.getpid(), since=now - 10 * 365 * 86400)
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)  # ended, not yet buried
    assert not launcher.is_alive(child, since=now)
    os.waitpid(child, 0)
    assert not launcher.is_alive(child, since=now)
