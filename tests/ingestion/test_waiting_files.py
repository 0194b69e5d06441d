"""Which reader gets which file: files that are read alike go to one, unless they are many bytes."""

from datetime import datetime

import pytest

from ingestion.dumps import waiting
from ingestion.dumps.kind import DumpKind
from ingestion.dumps.rows import DumpFile
from ingestion.dumps.waiting import WaitingFiles
from ingestion.landing.folders import StoredFile
from ingestion.landing.layout import Route

KIND = DumpKind(many="calls", one="call", place=("line_number",), readers={})


def files(sizes: dict[str, int]) -> WaitingFiles:
    """Files by company and name; the companies' files are read otherwise than each other's."""

    def file(number: int, path: str, size: int) -> DumpFile:
        company, _ = path.split("/")
        route = Route(company, "web", "calls", "json", None)
        return DumpFile(number, StoredFile(path, size, datetime(2026, 3, 1)), route, None)

    found = [file(number, *named) for number, named in enumerate(sizes.items())]
    return WaitingFiles(found, KIND)


def names(reader: list[DumpFile]) -> list[str]:
    return [file.file.path for file in reader]


def test_a_reader_goes_through_a_group_by_itself_in_the_order_of_paths() -> None:
    waiting_files = files({"b/1": 1, "a/2": 1, "a/1": 1, "b/2": 1})
    first, second = iter(waiting_files), iter(waiting_files)
    taken = [next(first), next(second)]
    assert names(taken) == ["a/1", "b/1"]
    assert names(list(second)) == ["b/2"]
    assert names(list(first)) == ["a/2"]


def test_readers_share_what_is_worth_a_chunk_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_WORTH_SHARING_BYTES", 20)
    waiting_files = files({"a/1": 10, "a/2": 10, "a/3": 10, "a/4": 10})
    first, second, third = iter(waiting_files), iter(waiting_files), iter(waiting_files)
    taken = [next(first), next(second)]
    assert names(taken) == ["a/1", "a/2"]
    assert names([next(first)]) == ["a/3"]
    assert names(list(third)) == []
    assert names(list(second)) == ["a/4"]
    assert names(list(first)) == []
