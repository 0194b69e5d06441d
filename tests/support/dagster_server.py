"""Dagster's UI and daemon as processes of their own, over a small landing zone."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import requests

from ingestion.settings import PROJECT_ROOT

BIN = Path(sys.executable).parent
NOW = "2025-03-10T12:00:00Z"
_START_SECONDS = 300  # also where the machine is busy with other things
_ANSWER_SECONDS = 180
_REPOSITORY = {
    "repositoryLocationName": "saas_tracker",
    "repositoryName": "__repository__",
}
_LAUNCH = """
mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on RunConfigValidationInvalid { errors { message } }
    ... on PythonError { message }
  }
}
"""
_STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"


class Place:
    """Landing zone, warehouse, serving folder and instance below one folder."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.home = folder / "dagster"
        self.serving = folder / "serving"
        self.environment = {
            **os.environ,
            "SAAS_TRACKER_LANDING": str(folder / "landing"),
            "SAAS_TRACKER_WAREHOUSE": str(folder / "warehouse" / "tracker.duckdb"),
            "SAAS_TRACKER_SERVING": str(self.serving),
            "SAAS_TRACKER_NOW": NOW,
            "DAGSTER_HOME": str(self.home),
            **variables,
        }

    def call(self, command: str, *arguments: str) -> str:
        """Run a program of the environment to its end and return what it printed."""
        done = subprocess.run(
            [str(BIN / command), *arguments],
            env=self.environment,
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def generate(self, organizations: int = 12) -> None:
        """A small demo data set in the landing zone."""
        sizes = ("--organizations", str(organizations), "--days", "40", "--events", "1500")
        self.call("saas-tracker", "demo", "generate", "--landing",
                  self.environment["SAAS_TRACKER_LANDING"], *sizes)  # fmt: skip

    def instance(self) -> dg.DagsterInstance:
        """The instance that the servers use, read from here."""
        with patch.dict(os.environ, DAGSTER_HOME=str(self.home)):
            return dg.DagsterInstance.get()


class Server:
    """Dagster's processes, the UI's address and what people do there."""

    def __init__(self, processes: list[subprocess.Popen], url: str) -> None:
        self.processes, self.url = processes, url

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """A GraphQL question."""
        body = {"query": query, "variables": variables}
        answer = requests.post(f"{self.url}/graphql", json=body, timeout=_ANSWER_SECONDS).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def try_launch(self, job: str, config: dict[str, Any] | None = None) -> dict[str, Any]:
        """Launch a run as the launchpad does; the answer may be a refusal."""
        selector = {**_REPOSITORY, "jobName": job}
        params = {"selector": selector, "runConfigData": config or {}, "mode": "default"}
        return self.ask(_LAUNCH, params=params)["launchRun"]

    def launch(self, job: str, config: dict[str, Any] | None = None) -> str:
        """Launch a run and return its id."""
        answer = self.try_launch(job, config)
        assert answer["__typename"] == "LaunchRunSuccess", answer
        return answer["run"]["runId"]

    def status(self, run_id: str) -> str:
        """The status of a run."""
        return self.ask(_STATUS, id=run_id)["runOrError"]["status"]

    def wait(self, run_id: str, seconds: float = 600) -> str:
        """Wait until a run has ended and return how."""
        final = {"SUCCESS", "FAILURE", "CANCELED"}
        return wait_for(lambda: (found := self.status(run_id)) in final and found, seconds)

    def kill(self) -> None:
        """As a machine that loses its power: every process at once."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
        for process in self.processes:
            process.wait()

    def stop(self) -> None:
        """As Ctrl-C does; what has not ended by then is killed."""
        running = [process for process in self.processes if process.poll() is None]
        for process in running:
            os.killpg(process.pid, signal.SIGINT)
        for process in running:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def wait_for(condition: Any, seconds: float) -> Any:
    """Ask again until the answer is true; AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.5)
    return answer


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def dagster_dev(place: Place) -> Iterator[Server]:
    """UI, daemon and code server as ``make dev`` starts them."""
    place.call("python", "-m", "orchestration.platform.instance")
    port = free_port()
    command = [str(BIN / "dagster"), "dev", "-w", str(PROJECT_ROOT / "workspace.yaml"),
               "--host", "127.0.0.1", "--port", str(port)]  # fmt: skip
    with started(place, [command], f"http://127.0.0.1:{port}") as server:
        yield server


@contextmanager
def started(place: Place, commands: list[list[str]], url: str) -> Iterator[Server]:
    """Processes that live as long as the block, once the UI answers under its address."""
    with (place.folder / "dagster.log").open("a") as log:
        processes = [
            subprocess.Popen(
                command,
                env=place.environment,
                cwd=place.home,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            for command in commands
        ]
    server = Server(processes, url)
    try:
        wait_for(lambda: _answers(server), _START_SECONDS)
        yield server
    finally:
        server.stop()


def _answers(server: Server) -> bool:
    ended = [process.args for process in server.processes if process.poll() is not None]
    assert not ended, f"{ended} has ended: see dagster.log"
    try:
        return requests.get(f"{server.url}/server_info", timeout=5).ok
    except requests.RequestException:
        return False
