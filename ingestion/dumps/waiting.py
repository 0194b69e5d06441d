"""Files that wait to be read, in groups that are read alike.

A chunk has rows of one form, and the query that judges a chunk takes up to half a second to plan,
however few rows there are. So a reader goes through a group by itself; the readers share a group
only where what is left of it is worth a chunk for each.
"""

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import groupby

from ingestion.dumps.kind import DumpKind
from ingestion.dumps.rows import DumpFile

_WORTH_SHARING_BYTES = 16 << 20


class _Group:
    def __init__(self, files: Iterable[DumpFile]) -> None:
        self._files = deque(files)
        self.bytes_left = sum(file.file.size for file in self._files)

    def take(self) -> DumpFile | None:
        if not self._files:
            return None
        file = self._files.popleft()
        self.bytes_left -= file.file.size
        return file


class WaitingFiles:
    """Gives each file once, to readers in several threads.

    Files of a group come by path, so that days which follow each other lie together in the
    warehouse and a build of one day skips the others.
    """

    def __init__(self, files: Iterable[DumpFile], kind: DumpKind) -> None:
        def group_of(file: DumpFile) -> tuple[str, str]:
            return file.route.file_format, kind.order(file.file.path)

        def place(file: DumpFile) -> tuple[tuple[str, str], str]:
            return group_of(file), file.file.path

        groups = groupby(sorted(files, key=place), group_of)
        self._untouched = deque(_Group(group) for _, group in groups)
        self._touched: list[_Group] = []
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[DumpFile]:
        """The files of one reader."""
        file, group = self._next(None)
        while file is not None:
            yield file
            file, group = self._next(group)

    def _next(self, group: _Group | None) -> tuple[DumpFile | None, _Group | None]:
        """A file of the reader's group, else of another one, with its group."""
        with self._lock:
            file = group.take() if group else None
            while file is None and self._untouched:
                group = self._untouched.popleft()
                self._touched.append(group)
                file = group.take()
            if file is None and self._touched:
                group = max(self._touched, key=lambda touched: touched.bytes_left)
                file = group.take() if group.bytes_left >= _WORTH_SHARING_BYTES else None
            return file, group
