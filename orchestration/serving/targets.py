"""Where the copies lie, and how a finished file takes the place of the one before it."""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.serving.marts import RESERVED_COMPANY_ID, Mart, PublishError

BUILDING = ".building"
MANIFEST = ".published.json"
LOCK = ".publish.lock"

# DuckDB takes the catalog's name from the file's, and `marts.companies` is ambiguous in a catalog
# that has the name of a schema. An id never starts with "_", so these names are free.
_SCHEMA_NAMES = frozenset({"marts", "information_schema", "pg_catalog"})


def copy_file_name(company_id: str) -> str:
    """The DuckDB file of a company (or of ``all``): ``<company_id>.duckdb``.

    A company with the name of a schema has a leading underscore: ``_marts.duckdb``.
    """
    return f"{'_' if company_id in _SCHEMA_NAMES else ''}{company_id}.duckdb"


def duckdb_targets(company_ids: Iterable[str]) -> dict[str, str | None]:
    """Path below the serving folder -> the company whose rows it holds (None = all)."""
    targets: dict[str, str | None] = {copy_file_name(RESERVED_COMPANY_ID): None}
    return targets | {copy_file_name(company_id): company_id for company_id in company_ids}


def parquet_target(company_id: str, mart: Mart) -> str:
    """Path of one mart of one company below the serving folder."""
    return f"parquet/{company_id}/{mart.name}.parquet"


def building_path(target: Path) -> Path:
    """The name under which ``target`` is built: in the same folder, hidden."""
    return target.with_name(f".{target.name}{BUILDING}")


def replace_durably(target: Path) -> None:
    """Put the finished file in place of the old one: after a crash it is one or the other."""
    built = building_path(target)
    # Read-only, so that no BI tool opens a copy for writing and leaves a log beside it.
    built.chmod(0o444)
    _sync(built)
    # A log that belongs to the old file would be replayed into the new one.
    target.with_name(target.name + ".wal").unlink(missing_ok=True)
    built.replace(target)
    _sync(target.parent)


class Manifest:
    """The list of published files: what is not on it was put there by others and is left alone."""

    def __init__(self, serving: Path) -> None:
        self._serving = serving
        self._path = serving / MANIFEST

    def read(self) -> set[str]:
        """Paths below the serving folder; of an unreadable list, none."""
        try:
            listed = json.loads(self._path.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return set()
        return {path for path in listed if self._is_inside(path)}

    def write(self, paths: Iterable[str]) -> None:
        """Replace the list."""
        building_path(self._path).write_text(json.dumps(sorted(paths), indent=1) + "\n", "utf-8")
        _sync(building_path(self._path))
        building_path(self._path).replace(self._path)
        _sync(self._serving)

    def refuse_foreign(self, paths: Iterable[str]) -> None:
        """Fail rather than overwrite a file that no publish has written."""
        listed = self.read()
        for path in paths:
            if path not in listed and (self._serving / path).exists():
                raise PublishError(
                    f"{self._serving / path} exists and was not published: move it away, or set"
                    " SAAS_TRACKER_SERVING to another folder"
                )

    def _is_inside(self, path: object) -> bool:
        return isinstance(path, str) and (
            (self._serving / path).resolve().is_relative_to(self._serving.resolve())
        )


def remove_leftovers(serving: Path) -> int:
    """Remove what a killed publish was building; returns how many files that were."""
    leftovers = [
        path
        for folder in (serving, serving / "parquet", *(serving / "parquet").glob("*/"))
        for path in folder.glob(f".*{BUILDING}*")
        if path.is_file()
    ]
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)


def remove_published(serving: Path, path: str) -> None:
    """Remove a copy that is published no longer, and its folder if that is empty then."""
    target = serving / path
    target.unlink(missing_ok=True)
    target.with_name(target.name + ".wal").unlink(missing_ok=True)
    if target.parent != serving and target.parent.is_dir() and not any(target.parent.iterdir()):
        target.parent.rmdir()


@contextmanager
def only_publisher(serving: Path) -> Iterator[None]:
    """Hold the folder's lock; the system frees it when the process ends, however it ends."""
    with (serving / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise PublishError(f"another process is publishing to {serving}") from error
        yield


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
