"""Where the copies lie, and how a finished file takes the place of the one before it."""

import fcntl
import grp
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.serving.marts import RESERVED_COMPANY_ID, Mart, PublishError

BUILDING = ".building"
LOCK = ".publish.lock"

_SPILL = f".spill{BUILDING}"
_COPIED_AT_ONCE = 1 << 30

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


def copy_to_building(target: Path) -> None:
    """Begin the next ``target`` with the bytes of the present one.

    The kernel copies: on file systems that share blocks (XFS, Btrfs) it only notes that they are.
    """
    with target.open("rb") as source, building_path(target).open("wb") as copy:
        try:
            while os.copy_file_range(source.fileno(), copy.fileno(), _COPIED_AT_ONCE):
                pass
        except OSError:  # not on this file system
            source.seek(0)
            copy.seek(0)
            copy.truncate()
            shutil.copyfileobj(source, copy, 1 << 20)


def replace_durably(target: Path, group: str | None) -> None:
    """Put the finished file in place of the old one: after a crash it is one or the other."""
    built = building_path(target)
    make_readable(built, group)
    remove_log(target)
    built.replace(target)
    sync(target.parent)


def make_readable(built: Path, group: str | None) -> None:
    """Finish a file that was built: on the disk, of the group, and read-only.

    So no BI tool opens a copy for writing and leaves a log beside it; who may read it is up to the
    umask.
    """
    give_to_group(built, group)
    built.chmod(built.stat().st_mode & 0o444)
    sync(built)


def give_to_group(path: Path, group: str | None) -> None:
    """Hand a file or folder to a group of this machine; None leaves it as it was made."""
    if group is None:
        return
    try:
        if path.stat().st_gid != grp.getgrnam(group).gr_gid:
            shutil.chown(path, group=group)
    except KeyError:
        raise PublishError(
            f"SAAS_TRACKER_SERVING_GROUP is {group!r}, which is no group of this machine"
        ) from None
    except PermissionError:
        raise PublishError(
            f"SAAS_TRACKER_SERVING_GROUP is {group!r}: {path} cannot be given to it, since the user"
            " who publishes is no member"
        ) from None


def is_copy(path: str) -> bool:
    """Whether a published path is a DuckDB file, not Parquet of a folder."""
    return "/" not in path


def is_of_company(path: str, company_id: str) -> bool:
    """Whether a published path is a file of this company."""
    return path == copy_file_name(company_id) or path.startswith(f"parquet/{company_id}/")


def remove_log(target: Path) -> None:
    """Remove what others left beside a copy: it would be replayed into the one in place."""
    target.with_name(target.name + ".wal").unlink(missing_ok=True)


def spill_folder(serving: Path) -> Path:
    """Where DuckDB puts what does not fit into the memory that publishing may take."""
    return serving / _SPILL


def remove_leftovers(serving: Path) -> int:
    """Remove what a killed publish was building; returns how many files that were."""
    shutil.rmtree(spill_folder(serving), ignore_errors=True)
    for link in (serving / "parquet").glob("*"):
        if link.is_symlink() and not link.exists():  # what it led to was not restored
            link.unlink()
    leftovers = [
        path
        for folder in (serving, serving / "parquet", *(serving / "parquet").glob("*/"))
        for path in folder.glob(f".*{BUILDING}*")
        if path.is_file()
    ]
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)


def remove_published(target: Path) -> None:
    """Remove a copy that is published no longer."""
    target.unlink(missing_ok=True)
    remove_log(target)


@contextmanager
def only_publisher(serving: Path) -> Iterator[None]:
    """Hold the folder's lock; the system frees it when the process ends, however it ends."""
    with (serving / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise PublishError(f"another process is publishing to {serving}") from error
        yield


def sync(path: Path) -> None:
    """Wait until the file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
