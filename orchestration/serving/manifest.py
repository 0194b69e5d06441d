"""What was published last: the files, and of which rows they are.

Two hidden files beside the copies. Losing them costs a publish from nothing (the list of files: a
refusal to overwrite them), a state that does not fit the files likewise: a file is continued only
if it is, by size and time, the one that the last complete publish left.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orchestration.serving.marts import Mart, PublishError
from orchestration.serving.targets import building_path, sync
from orchestration.state.run_memory import file_identity

MANIFEST = ".published.json"
FINGERPRINTS = ".published.fingerprints.parquet"

# Rows that were replaced keep their place in a file until it is written from nothing.
_GROWTH = 1.5
# Raise it when a copy is written in another way: the next publish starts from nothing.
_VERSION = 5


@dataclass(frozen=True)
class Block:
    """Rows of the days from ``first`` to ``last`` in a large Parquet file.

    The bytes of the file up to ``end`` are a Parquet file, too: of this block alone.
    """

    first: int
    last: int
    rows: int
    end: int


@dataclass(frozen=True)
class PublishedFile:
    """A copy as it was put in place: size in bytes, time of modification in ns.

    ``whole_size`` and ``whole_rows`` are from when it was last written from nothing.
    """

    size: int
    modified_ns: int
    whole_size: int
    whole_rows: int
    blocks: tuple[Block, ...] = ()

    @classmethod
    def built(cls, path: Path, rows: int, last: "PublishedFile | None" = None) -> "PublishedFile":
        """A file of so many rows, written from nothing or in continuation of the last one."""
        stat = path.stat()
        whole = (stat.st_size, rows) if last is None else (last.whole_size, last.whole_rows)
        return cls(stat.st_size, stat.st_mtime_ns, *whole)

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> "PublishedFile":
        """The file as ``asdict`` gave it."""
        return cls(**{**facts, "blocks": tuple(Block(**block) for block in facts["blocks"])})

    def has_outgrown(self, rows: int) -> bool:
        """Whether too much of it are replaced rows for one that is to hold so many."""
        return self.size > _GROWTH * self.whole_size * max(1.0, rows / max(1, self.whole_rows))


@dataclass(frozen=True)
class State:
    """A complete publish: every file listed here has the rows that the fingerprints describe."""

    files: dict[str, PublishedFile] = field(default_factory=dict)
    layouts: dict[str, Any] = field(default_factory=dict)
    words: dict[str, Any] = field(default_factory=dict)
    companies: tuple[str, ...] = ()

    def to_continue(self, path: str, rows: int) -> PublishedFile | None:
        """The file that one of so many rows can continue; None: it is written from nothing."""
        file = self.files.get(path)
        return None if file is None or file.has_outgrown(rows) else file

    def has_layout(self, mart: Mart) -> bool:
        """Whether the copies' table has the columns that the mart has now."""
        return self.layouts.get(mart.name) == mart.layout

    def has_words(self, mart: Mart) -> bool:
        """Whether the copies' table has the comments that the mart has now."""
        return self.words.get(mart.name) == mart.words


class Manifest:
    """The list of published files: what is not on it was put there by others and is left alone."""

    def __init__(self, serving: Path) -> None:
        self._serving = serving
        self._path = serving / MANIFEST

    @property
    def fingerprints(self) -> Path:
        """The fingerprints of the rows of the last complete publish."""
        return self._serving / FINGERPRINTS

    def names(self) -> set[str]:
        """Paths of published files below the serving folder; of an unreadable list, none."""
        content = self._read()
        listed = content.get("names", []) if isinstance(content, dict) else content
        return {path for path in listed if self._is_inside(path)}

    def state(self) -> State:
        """What the files are of; empty where that is not known or of another DuckDB."""
        content = self._read()
        if not isinstance(content, dict) or content.get("writer") != _writer():
            return State()
        if content.get("fingerprints") != file_identity(self.fingerprints):
            return State()
        files = {name: PublishedFile.from_dict(facts) for name, facts in content["files"].items()}
        return State(
            files={name: file for name, file in files.items() if self._is_in_place(name, file)},
            layouts=content["layouts"],
            words=content["words"],
            companies=tuple(content["companies"]),
        )

    def write_names(self, names: Iterable[str]) -> None:
        """Replace the list of files, and leave what is known of them as it is."""
        content = self._read()
        known = content if isinstance(content, dict) else {}
        self._write({**known, "names": sorted(names)})

    def write(self, state: State, kept: Iterable[str] = ()) -> None:
        """Note a complete publish, whose fingerprints are in place already.

        ``kept`` are files of an earlier one: they stay listed, and are not to be continued.
        """
        self._write(
            {
                "writer": _writer(),
                "names": sorted({*state.files, *kept}),
                "fingerprints": file_identity(self.fingerprints),
                **asdict(state),
            }
        )

    def refuse_foreign(self, paths: Iterable[str]) -> None:
        """Fail rather than overwrite a file that no publish has written."""
        listed = self.names()
        for path in paths:
            if path not in listed and (self._serving / path).exists():
                raise PublishError(
                    f"{self._serving / path} exists and was not published: move it away, or set"
                    " SAAS_TRACKER_SERVING to another folder"
                )

    def _read(self) -> Any:
        """A list of names in folders that an earlier version has published to."""
        try:
            content = json.loads(self._path.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return []
        return content if isinstance(content, (dict, list)) else []

    def _write(self, content: dict[str, Any]) -> None:
        building_path(self._path).write_text(json.dumps(content, indent=1) + "\n", "utf-8")
        sync(building_path(self._path))
        building_path(self._path).replace(self._path)
        sync(self._serving)

    def _is_in_place(self, name: str, file: PublishedFile) -> bool:
        return file_identity(self._serving / name) == [file.size, file.modified_ns]

    def _is_inside(self, path: object) -> bool:
        return isinstance(path, str) and (
            (self._serving / path).resolve().is_relative_to(self._serving.resolve())
        )


def _writer() -> list[Any]:
    """Another DuckDB may store files, and compute hashes, in another way."""
    return [_VERSION, duckdb.__version__]
