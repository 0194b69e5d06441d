"""Fixtures that several test files share."""

import fcntl
import os
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ingestion.settings import Settings
from orchestration.transformation.project import ensure_manifest
from tests.support.reports import publish_with_a_hostile_name
from tests.support.revenue_imports import Built, build_imports
from tests.support.worlds import BuiltWorld, build_worlds

# They take longest: left to the end, one process would work on them alone.
_FIRST = ("test_end_to_end", "test_incremental", "test_call_accounts", "test_bi_marts")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    items.sort(key=lambda item: item.path.stem not in _FIRST)


@pytest.fixture(scope="session")
def session_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that lives as long as the test run, the same for all of its worker processes."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def parsed_project(session_dir: Path) -> Settings:
    """Settings of a landing zone and a warehouse not there yet, for which dbt has parsed."""
    folder = session_dir / "parsed"
    settings = Settings(
        landing=str(folder / "landing"),
        warehouse=folder / "tracker.duckdb",
        serving=folder / "serving",
        _env_file=None,
    )
    ensure_manifest(settings)
    return settings


@pytest.fixture(scope="session")
def built_worlds(session_dir: Path) -> list[BuiltWorld]:
    """Random companies and edge cases, built by dbt and computed by the oracle, once a run."""
    return _once(session_dir, "worlds", lambda folder: build_worlds(0, 1, folder=folder))


@pytest.fixture(scope="session")
def published_world(session_dir: Path, built_worlds: list[BuiltWorld]) -> Path:
    """The copies of a world, to read only; the name of one organization is an attack."""
    return _once(session_dir, "published", partial(publish_with_a_hostile_name, built_worlds[0]))


@pytest.fixture(scope="session")
def revenue_imports(session_dir: Path) -> Built:
    """Subscription files imported one after the other, built by dbt once a run."""
    return _once(session_dir, "revenue_imports", build_imports)


def _once(session_dir: Path, name: str, build: Callable[[Path], Any]) -> Any:
    """What ``build`` makes in a folder of that name, shared by the worker processes of a run."""
    store = session_dir / f"{name}.pickle"
    with (session_dir / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if store.exists():
            return pickle.loads(store.read_bytes())
        built = build(session_dir / name)
        store.write_bytes(pickle.dumps(built))
        return built
