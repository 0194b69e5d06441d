"""A landing zone on a disk as it lies there: symbolic links, loops, names and times of any kind."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ingestion.landing.layout import is_ignored


@dataclass(frozen=True)
class StoredFile:
    """A file of the landing zone. ``path`` is relative to its root; ``modified_at`` is UTC."""

    path: str
    size: int
    modified_at: datetime


@dataclass
class Listing:
    """What lies in a landing zone.

    ``unlistable`` are files and folders that cannot be looked at, with the reason;
    ``hidden`` counts what is ignored by its name; ``outside`` are links to places that are not in
    the landing zone, with where they lead; ``loops`` are links to a folder that they are in.
    """

    files: list[StoredFile] = field(default_factory=list)
    unlistable: list[tuple[StoredFile, str]] = field(default_factory=list)
    hidden: int = 0
    outside: list[tuple[str, str]] = field(default_factory=list)
    loops: list[str] = field(default_factory=list)

    def refuse(self, path: str, reason: str) -> None:
        """Note what cannot be looked at."""
        shown = path.encode("utf-8", "backslashreplace").decode()
        self.unlistable.append((StoredFile(shown, 0, datetime(1970, 1, 1)), reason))


def list_folder(root: Path) -> Listing:
    """Everything below a folder, links followed, in the order of the paths."""
    listing = Listing()
    _look(root, "", (os.path.realpath(root),), listing)
    listing.files.sort(key=lambda file: file.path)
    return listing


def stored_file(path: str, full_path: Path) -> StoredFile:
    """Size and time of a file. Raises OSError where there is none, or its time is no date."""
    found = full_path.stat()
    return StoredFile(path, found.st_size, utc_time(found.st_mtime))


def utc_time(seconds: float) -> datetime:
    """Unix seconds as a time without a zone. Raises OSError where they are no date."""
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise OSError(
            f"its modification time, {seconds:g} seconds, is no date: touch it"
        ) from error


def _look(folder: Path, prefix: str, above: tuple[str, ...], listing: Listing) -> None:
    """List one folder; ``above`` are the real paths of the folders that it is in, and its own."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        if not prefix:
            raise
        listing.refuse(prefix.rstrip("/"), f"the folder cannot be listed: {error.strerror}")
        return
    for entry in entries:
        path = prefix + entry.name
        if is_ignored(entry.name):
            listing.hidden += 1
            continue
        try:
            path.encode()
        except UnicodeEncodeError:
            listing.refuse(path, "its name is not UTF-8: rename it")
            continue
        try:
            _take(Path(entry.path), path, entry.is_symlink(), above, listing)
        except OSError as error:
            listing.refuse(path, error.strerror or str(error))


def _take(
    full_path: Path, path: str, is_link: bool, above: tuple[str, ...], listing: Listing
) -> None:
    real = os.path.realpath(full_path) if is_link else f"{above[-1]}/{full_path.name}"
    if is_link:
        if real in above:
            listing.loops.append(path)
            return
        if not Path(real).exists():
            listing.refuse(path, f"a symbolic link to {real}, which is not there")
            return
        if not Path(real).is_relative_to(above[0]):
            listing.outside.append((path, real))
    if full_path.is_dir():
        _look(full_path, f"{path}/", (*above, real), listing)
    elif full_path.is_file():
        listing.files.append(stored_file(path, full_path))
