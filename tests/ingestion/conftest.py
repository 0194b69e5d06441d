"""Fixtures of the ingestion tests."""

from pathlib import Path

import pytest

from tests.ingestion.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty landing zone and no warehouse yet."""
    return Place(tmp_path / "place")


@pytest.fixture(scope="module")
def module_place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One for all tests of a module: what its load fixture wrote and loaded once."""
    return Place(tmp_path_factory.mktemp("module") / "place")
