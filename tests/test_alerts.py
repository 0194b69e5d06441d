"""What a failed run says, in the log and to the webhook."""

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import dagster as dg
import pytest

from ingestion.errors import UserError
from orchestration.pipeline.alerts import failures_in_a_row, report_failure
from orchestration.pipeline.sensors import failure_sensor
from orchestration.platform.policy import COMPANY_TAG
from orchestration.platform.settings import OperationsSettings, load_operations


@pytest.fixture
def instance():
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def webhook():
    """An address, what it was sent, and the status that it answers with."""
    received, answer = [], [200]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answer[0])
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/secret-path", received, answer
        server.shutdown()


WORDS = "2 rows without a key\nsecond line"


def run_once(instance, *, error=None, passed=True, tags=None, words=WORDS):
    @dg.multi_asset(specs=[dg.AssetSpec(["raw", "loaded_files"])], name="load")
    def load():
        yield dg.MaterializeResult(metadata={"companies": ["globex", "acme"]})
        if error:
            raise error

    @dg.asset_check(asset=dg.AssetKey(["raw", "loaded_files"]), blocking=True)
    def files_are_plausible() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=passed, description=words)

    definitions = dg.Definitions(
        assets=[load],
        asset_checks=[files_are_plausible],
        jobs=[dg.define_asset_job("load_and_build", executor_def=dg.in_process_executor)],
    )
    job = definitions.resolve_job_def("load_and_build")
    return job.execute_in_process(instance=instance, raise_on_error=False, tags=tags)


def report(instance, result, **settings):
    operations = OperationsSettings(_env_file=None, **settings)
    return report_failure(instance, result.dagster_run, "it failed", operations)


def test_a_broken_step_is_told_with_its_innermost_cause(instance):
    cause = RuntimeError("the disk is full\n  at line 3")
    error = ValueError("dlt failed")
    error.__cause__ = cause
    found = report(instance, run_once(instance, error=error))
    assert found.reasons == ["load: RuntimeError: the disk is full"]
    assert "\n" not in found.line()


def test_a_failed_check_is_told_with_its_words_the_companies_and_the_owner(instance):
    result = run_once(instance, passed=False)
    found = report(instance, result, ui_url="https://dagster.example/tracker/")
    assert found.reasons == [
        "check files_are_plausible on raw/loaded_files: 2 rows without a key",
    ]
    assert found.companies == ["acme", "globex"]
    assert found.owner == "team:data-engineering"
    assert found.line() == (
        "load_and_build failed: check files_are_plausible on raw/loaded_files: 2 rows without a key"
        " [companies: acme, globex; owner: team:data-engineering;"
        f" run: https://dagster.example/tracker/runs/{result.run_id}]"
    )


def test_a_run_for_one_company_names_it(instance):
    result = run_once(instance, passed=False, tags={COMPANY_TAG: "initech"})
    assert report(instance, result).companies == ["initech"]


def test_failures_are_counted_since_the_last_success(instance):
    first = run_once(instance, passed=False)
    run_once(instance)
    later = [run_once(instance, passed=False) for _ in range(3)]
    counts = [failures_in_a_row(instance, run.dagster_run) for run in (first, *later)]
    assert counts == [1, 1, 2, 3]


def alert(instance, result, operations):
    """Evaluate the sensor's function on a failed run."""
    event = next(
        event for event in result.all_events if event.event_type_value == "PIPELINE_FAILURE"
    )
    context = dg.build_run_status_sensor_context(
        sensor_name="failed_runs",
        dagster_event=event,
        dagster_instance=instance,
        dagster_run=result.dagster_run,
    ).for_run_failure()
    return failure_sensor(operations)(context)


def test_the_webhook_is_called_from_the_threshold_on(instance, webhook, caplog):
    url, received, _ = webhook
    operations = OperationsSettings(alert_webhook=url, alert_after_failures=2, _env_file=None)
    with caplog.at_level(logging.ERROR, logger="saas_tracker.alerts"):
        alert(instance, run_once(instance, passed=False), operations)
        assert received == []
        second = run_once(instance, passed=False)
        alert(instance, second, operations)
    (sent,) = received
    assert sent["run_id"] == second.run_id
    assert sent["failures_in_a_row"] == 2
    assert sent["companies"] == ["acme", "globex"]
    assert sent["text"].startswith("load_and_build failed (2 in a row): check files_are_plausible")
    assert len(caplog.records) == 2  # the log has both


def test_names_of_files_reach_nobody_and_hide_nothing(instance, webhook):
    url, received, _ = webhook
    words = "a @everyone <!channel> <@U024BE7LH> \x1b[2K\u202egpj.exe\x07.jsonl: broken"
    operations = OperationsSettings(alert_webhook=url, _env_file=None)
    alert(instance, run_once(instance, passed=False, words=words), operations)
    (sent,) = received
    for text in (sent["text"], *sent["reasons"]):
        for call in ("@everyone", "<!channel>", "<@", "\x1b", "\u202e", "\x07"):
            assert call not in text
        assert "\\x1b[2K\\u202egpj.exe\\x07.jsonl" in text
        assert "everyone" in text


@pytest.mark.parametrize("broken", ["answers 500", "is not there"])
def test_a_broken_webhook_is_logged_without_its_address(instance, webhook, caplog, broken):
    url, _, answer = webhook
    answer[0] = 500
    if broken == "is not there":
        url = "http://127.0.0.1:9/secret-path"
    operations = OperationsSettings(alert_webhook=url, _env_file=None)
    with caplog.at_level(logging.ERROR, logger="saas_tracker.alerts"):
        alert(instance, run_once(instance, passed=False), operations)
    last = caplog.records[-1].getMessage()
    assert last.startswith("the alert webhook")
    assert "secret-path" not in caplog.text


def test_a_webhook_that_is_no_address_is_refused_without_repeating_it(monkeypatch):
    monkeypatch.setenv("SAAS_TRACKER_ALERT_WEBHOOK", "hooks/secret-path")
    with pytest.raises(UserError, match=r"SAAS_TRACKER_ALERT_WEBHOOK: .*http") as refusal:
        load_operations()
    assert "secret-path" not in str(refusal.value)
    assert "secret-path" not in str(refusal.value.__cause__)
