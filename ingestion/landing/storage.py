"""The landing zone as a list of files and their bytes, wherever fsspec can reach."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import fsspec
import pyarrow as pa
from fsspec import AbstractFileSystem
from fsspec.implementations.local import LocalFileSystem

from ingestion.errors import FileChangedError, UnreadableFileError, UserError, unreadable
from ingestion.landing.folders import Listing, StoredFile, list_folder, stored_file, utc_time
from ingestion.landing.layout import is_ignored
from ingestion.landing.streams import Bounded, Watched
from ingestion.limits import Limits

__all__ = ["LandingZone", "Listing", "StoredFile"]

_BLOCK_BYTES = 4 << 20
_IN_MEMORY_BYTES = 32 << 20
_MODIFIED_KEYS = ("mtime", "LastModified", "last_modified", "updated", "created")


class Zone(Protocol):
    """Where files are opened: the landing zone, or what a replay puts in its place."""

    limits: Limits

    def open(
        self,
        file: StoredFile,
        compression: str | None,
        digest: Any = None,
        *,
        is_seekable: bool = False,
    ) -> AbstractContextManager[BinaryIO]:
        """The file's bytes, decompressed."""

    def checksum(self, file: StoredFile) -> str:
        """The SHA-256 of the stored bytes."""


class LandingZone:
    """Read-only access to a landing folder or URL.

    What has to lie on a disk to be read is put into ``spool``, a folder that is there. ``watch`` is
    given the stored bytes of files as they are read, of each as many as it has.
    """

    def __init__(
        self,
        root: str,
        limits: Limits | None = None,
        spool: Path | None = None,
        watch: Callable[[int], None] = lambda stored_bytes: None,
    ) -> None:
        self.limits = limits or Limits()
        self._fs: AbstractFileSystem
        self._fs, self._root = fsspec.core.url_to_fs(root)
        self._is_local = isinstance(self._fs, LocalFileSystem)
        self._shown_root = root
        self._spool = spool
        self._watch = watch

    def list_files(self) -> list[StoredFile]:
        """Every file below the root that is not ignored by its name, sorted by path."""
        return self.listing().files

    def listing(self) -> Listing:
        """Everything below the root.

        Raises UserError where the root is not there or may not be read, which is another thing than
        an empty one.
        """
        self._fs.invalidate_cache()
        try:
            return list_folder(Path(self._root)) if self._is_local else self._remote_listing()
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            said = error.strerror or str(error) or type(error).__name__
            raise UserError(
                f"the landing zone {self._shown_root} cannot be listed ({said}): create it, let"
                " this user read it, or set SAAS_TRACKER_LANDING"
            ) from error

    def checksum(self, file: StoredFile) -> str:
        """SHA-256 of the stored (still compressed) bytes, in hex."""
        digest = hashlib.sha256()
        with self._fs.open(self._absolute(file.path), "rb", block_size=_BLOCK_BYTES) as stream:
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
        return digest.hexdigest()

    @contextmanager
    def open(
        self,
        file: StoredFile,
        compression: str | None,
        digest: Any = None,
        *,
        is_seekable: bool = False,
    ) -> Iterator[BinaryIO]:
        """The file's bytes, decompressed; ``is_seekable`` to read them in any order.

        A ``digest`` of hashlib gets all stored bytes, if the block ends without an error.
        Raises UnreadableFileError where they do not decompress, exceed the limits, or the block
        raises what is no fault of the machine; FileChangedError where the file was written to
        since it was listed.
        """
        watched = Watched(file.size, self._watch)
        try:
            with self._fs.open(self._absolute(file.path), "rb") as opened, watched:
                is_in_order = digest is not None or compression is not None
                stream = watched.reading(opened, digest) if is_in_order else opened
                if compression is None:
                    yield stream
                else:
                    with _unpacked(stream, compression, file.size, self.limits) as unpacked:
                        yield self._on_disk(unpacked) if is_seekable else unpacked
                while digest is not None and stream.read(_BLOCK_BYTES):
                    pass  # what a decoder leaves unread
        except FileNotFoundError as error:
            raise FileChangedError(file.path) from error
        except Exception as error:
            refused = unreadable(error)
            self.raise_if_changed(file)
            raise refused from error
        self.raise_if_changed(file)

    def raise_if_changed(self, file: StoredFile) -> None:
        """Raise FileChangedError unless size and time are still as listed."""
        self._fs.invalidate_cache()
        full_path = self._absolute(file.path)
        try:
            now = self._stored(file.path, full_path, None)
        except FileNotFoundError as error:
            raise FileChangedError(file.path) from error
        if now != file:
            raise FileChangedError(file.path)

    def _remote_listing(self) -> Listing:
        listing = Listing()
        # An object store has no empty folders: what has to be there is the bucket.
        bucket = self._root.strip("/").split("/")[0]
        if not (self._fs.exists(self._root) or self._fs.exists(bucket)):
            raise FileNotFoundError(f"there is no {bucket or self._root}")
        for full_path, info in sorted(self._fs.find(self._root, detail=True).items()):
            path = full_path.removeprefix(self._root).lstrip("/")
            if info.get("type") != "file":
                continue
            if is_ignored(path):
                listing.hidden += 1
                continue
            try:
                listing.files.append(self._stored(path, full_path, info))
            except Exception as error:  # noqa: BLE001 (whatever the storage's driver raises)
                listing.refuse(path, unreadable(error).detail)
        return listing

    def _stored(self, path: str, full_path: str, info: dict[str, Any] | None) -> StoredFile:
        if self._is_local:
            return stored_file(path, Path(full_path))
        info = info or self._fs.info(full_path)
        return StoredFile(path, int(info["size"] or 0), self._modified_at(full_path, info))

    def _absolute(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}"

    def _modified_at(self, full_path: str, info: dict[str, Any]) -> datetime:
        times = (info.get(key) for key in _MODIFIED_KEYS)
        value = next((time for time in times if time is not None), None)
        if value is None:
            value = self._fs.modified(full_path)
        if isinstance(value, (int, float)):
            return utc_time(value)
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        return value.astimezone(UTC).replace(tzinfo=None)

    def _on_disk(self, stream: BinaryIO) -> BinaryIO:
        """All bytes of a stream, as a file that goes with the last reference to it."""
        folder = None if self._spool is None else str(self._spool)
        spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES, dir=folder)  # noqa: SIM115
        while block := stream.read(_BLOCK_BYTES):
            spool.write(block)
        spool.seek(0)
        return cast(BinaryIO, spool)


@contextmanager
def _unpacked(
    stream: BinaryIO, compression: str, stored_bytes: int, limits: Limits
) -> Iterator[BinaryIO]:
    if not stored_bytes:
        raise UnreadableFileError(
            f"0 bytes are no {compression} file: it was cut off or never written; send it again"
        )
    try:
        packed = pa.PythonFile(stream, mode="r")
        unpacked = pa.CompressedInputStream(packed, compression)
        yield cast(BinaryIO, Bounded(unpacked, stored_bytes, limits))
    except (OSError, EOFError) as error:
        raise unreadable(error, compression) from error
