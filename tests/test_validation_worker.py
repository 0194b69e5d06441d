"""Suites that are run by a process of their own."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from multiprocessing import active_children

import pytest

from ingestion.settings import Settings
from orchestration.quality.suites import Profile, Suite, between, data_docs, equal
from orchestration.quality.validation import validate as validate_here
from orchestration.quality.worker import validate, validation_worker

PROFILE = Profile(("company_id", "rows", "again"), (("acme", 5, 5), ("globex", -1, 2)))
WORKER = """
import time
from multiprocessing import active_children
from orchestration.quality.worker import validation_worker
if __name__ == "__main__":
    with validation_worker():
        print(active_children()[0].pid, flush=True)
        time.sleep(600)
"""


@dataclass(frozen=True)
class OddSuite(Suite):
    """With something that no other process can be told."""

    recount: object = lambda: None


def suite(name: str, *expectations) -> Suite:
    return OddSuite(name, ("raw", "events"), "", expectations, "{company_id}", "look there")


FEW = suite("rows_are_few", between("rows", 0, 3))
SAME = suite("rows_come_again", equal("rows", "again"), between("again", 0, None, warns=True))


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(warehouse=tmp_path / "tracker.duckdb")


def test_the_worker_says_what_the_run_itself_would_say(settings):
    profiles, told = {FEW: PROFILE, SAME: PROFILE}, []
    with validation_worker():
        verdicts = validate(settings, profiles, told.append)
        assert validate(settings, profiles, told.append) == verdicts
    assert told == 2 * ["rows_are_few", "rows_come_again"]
    assert verdicts == validate_here(settings, profiles, told.append)
    assert [len(verdict.errors) for verdict in verdicts.values()] == [2, 1]
    assert (data_docs(settings) / "index.html").exists()


def test_what_breaks_in_the_worker_breaks_the_run(settings):
    unknown = suite("unknown", between("rows", "a", object))
    with validation_worker(), pytest.raises(RuntimeError, match="valid float"):
        validate(settings, {unknown: PROFILE}, print)


def test_a_worker_that_is_gone_is_an_error(settings):
    with validation_worker():
        active_children()[0].kill()
        with pytest.raises((RuntimeError, OSError)):
            validate(settings, {FEW: PROFILE}, print)


def test_without_a_worker_the_run_validates_by_itself(settings):
    assert validate(settings, {FEW: PROFILE}, print)[FEW].blocks


def test_the_worker_ends_with_a_run_that_is_killed(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(WORKER)
    run = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    worker = int(run.stdout.readline())
    run.send_signal(signal.SIGKILL)
    run.wait()
    deadline = time.monotonic() + 60
    while _is_alive(worker):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
