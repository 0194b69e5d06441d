"""The Parquet files of a company: a folder of one publish, replaced in one step by the next.

``parquet/<company_id>`` is a link to a folder beside it. Who wants the files of one day resolves
the link first (``readlink``): the folder stays as it is until the publish after the next.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from orchestration.serving.targets import building_path, make_readable, sync

# Hidden, and not in `parquet`: `parquet/*/events.parquet` is to find each company once.
_VERSIONS = ".parquet"


def switch_version(folder: Path, names: Iterable[str], group: str | None) -> None:
    """Put a folder of these files in place: those that were built, the others as they are.

    Unchanged files are links to the same bytes. Where a publish is killed, the link still leads to
    the folder of the last one.
    """
    versions = folder.parent.with_name(_VERSIONS)
    versions.mkdir(exist_ok=True)
    present = folder.resolve()
    earlier = _versions_of(folder)
    version = versions / f"{folder.name}.{max(map(_number, earlier), default=0) + 1}"
    version.mkdir()
    for name in names:
        built = building_path(folder / name)
        if built.exists():
            make_readable(built, group)
            built.replace(version / name)
        else:
            (version / name).hardlink_to(present / name)
    sync(version)
    link = building_path(folder)
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(version, folder.parent))
    if not folder.is_symlink():  # of the first publish, or of an earlier release
        shutil.rmtree(folder)
    link.replace(folder)
    sync(folder.parent)
    for other in earlier:
        if other != present:
            shutil.rmtree(other)


def remove_versions(folder: Path) -> None:
    """Remove the link of a company that is published no longer, and what it led to."""
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder, ignore_errors=True)
    for version in _versions_of(folder):
        shutil.rmtree(version)


def _versions_of(folder: Path) -> list[Path]:
    found = folder.parent.with_name(_VERSIONS).resolve().glob(f"{folder.name}.*")
    # Ids have no dot, so the last one is before the number.
    return [version for version in found if version.stem == folder.name]


def _number(version: Path) -> int:
    return int(version.suffix.removeprefix("."))
