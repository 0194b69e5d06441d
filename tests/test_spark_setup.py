"""What `make setup-spark`, `spark-up` and `spark-down` rely on; no Spark is needed for it."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion.settings import PROJECT_ROOT
from orchestration.platform.spark import processes

_PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def test_both_locks_pin_the_same_versions_and_name_no_host() -> None:
    main, spark = (
        (PROJECT_ROOT / name).read_text()
        for name in ("requirements.lock", "requirements-spark.lock")
    )
    pinned = dict(_PINNED.findall(main))
    shared = {name: version for name, version in _PINNED.findall(spark) if name in pinned}
    assert len(shared) > 20
    assert shared == {name: pinned[name] for name in shared}
    assert "://" not in spark


@contextmanager
def _sleeper(folder: Path, name: str) -> Iterator[None]:
    processes.start(folder, name, ["sleep", "900"], {}, None)
    try:
        yield
    finally:
        processes.end(folder, name)


def test_a_started_process_is_ended_and_no_other_one(tmp_path: Path) -> None:
    with _sleeper(tmp_path, "one"), _sleeper(tmp_path, "other"):
        other = processes.number(tmp_path, "other")
        processes.end(tmp_path, "one")
        assert processes.number(tmp_path, "one") is None
        assert other is not None
        assert processes.number(tmp_path, "other") == other


def test_a_process_that_has_the_number_of_a_lost_one_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "900"])
    try:
        (tmp_path / "lost.pid").write_text(f"{stranger.pid} 1000000000.0")
        assert processes.number(tmp_path, "lost") is None
        processes.end(tmp_path, "lost")
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
