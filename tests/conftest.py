"""Fixtures that several test files share."""

import fcntl
import os
import pickle
from pathlib import Path

import pytest

from tests.support.worlds import BuiltWorld, build_worlds


@pytest.fixture(scope="session")
def session_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that lives as long as the test run, the same for all of its worker processes."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def built_worlds(session_dir: Path) -> list[BuiltWorld]:
    """Random companies and edge cases, built by dbt and computed by the oracle, once a run."""
    store = session_dir / "worlds.pickle"
    with (session_dir / "worlds.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if store.exists():
            return pickle.loads(store.read_bytes())
        built = build_worlds(session_dir / "worlds")
        store.write_bytes(pickle.dumps(built))
        return built
