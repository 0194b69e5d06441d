"""The landing zone as a list of files and their bytes, wherever fsspec can reach."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

import fsspec
import pyarrow as pa
from fsspec import AbstractFileSystem

from ingestion.errors import FileChangedError, UnreadableFileError
from ingestion.landing.layout import is_ignored

_HASH_BLOCK_BYTES = 4 << 20
_MODIFIED_KEYS = ("mtime", "LastModified", "last_modified", "updated", "created")


@dataclass(frozen=True)
class StoredFile:
    """A file of the landing zone. ``path`` is relative to its root; ``modified_at`` is UTC."""

    path: str
    size: int
    modified_at: datetime


class LandingZone:
    """Read-only access to a landing folder or URL."""

    def __init__(self, root: str) -> None:
        self._fs: AbstractFileSystem
        self._fs, self._root = fsspec.core.url_to_fs(root)

    def list_files(self) -> list[StoredFile]:
        """Every file below the root that is not ignored by its name, sorted by path."""
        self._fs.invalidate_cache()
        if not self._fs.exists(self._root):
            return []
        found = self._fs.find(self._root, detail=True)
        files = [
            StoredFile(path, int(info["size"] or 0), self._modified_at(full_path, info))
            for full_path, info in found.items()
            if info.get("type") == "file" and not is_ignored(path := self._relative(full_path))
        ]
        return sorted(files, key=lambda file: file.path)

    def checksum(self, file: StoredFile) -> str:
        """SHA-256 of the stored (still compressed) bytes, in hex."""
        digest = hashlib.sha256()
        with self._fs.open(self._absolute(file.path), "rb", block_size=_HASH_BLOCK_BYTES) as stream:
            while block := stream.read(_HASH_BLOCK_BYTES):
                digest.update(block)
        return digest.hexdigest()

    @contextmanager
    def open(
        self, file: StoredFile, compression: str | None, digest: Any = None
    ) -> Iterator[BinaryIO]:
        """The file's bytes, decompressed.

        A ``digest`` of hashlib gets all stored bytes, if the block ends without an error.
        Raises UnreadableFileError where they do not decompress, FileChangedError where the file
        was written to since it was listed.
        """
        try:
            with self._fs.open(self._absolute(file.path), "rb") as opened:
                stream = opened if digest is None else _Hashed(opened, digest)
                yield stream if compression is None else _decompressed(stream, compression)
                while digest is not None and stream.read(_HASH_BLOCK_BYTES):
                    pass  # what a decoder leaves unread
        except FileNotFoundError as error:
            raise FileChangedError(file.path) from error
        except UnreadableFileError:
            self.raise_if_changed(file)
            raise
        except (OSError, EOFError) as error:
            self.raise_if_changed(file)
            raise UnreadableFileError(f"{compression or 'file'}: {error}") from error
        self.raise_if_changed(file)

    def raise_if_changed(self, file: StoredFile) -> None:
        """Raise FileChangedError unless size and time are still those of the listing."""
        self._fs.invalidate_cache()
        full_path = self._absolute(file.path)
        try:
            info = self._fs.info(full_path)
        except FileNotFoundError as error:
            raise FileChangedError(file.path) from error
        now = (int(info["size"] or 0), self._modified_at(full_path, info))
        if now != (file.size, file.modified_at):
            raise FileChangedError(file.path)

    def _relative(self, full_path: str) -> str:
        return full_path.removeprefix(self._root).lstrip("/")

    def _absolute(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}"

    def _modified_at(self, full_path: str, info: dict[str, Any]) -> datetime:
        value = next((info[key] for key in _MODIFIED_KEYS if info.get(key)), None)
        if value is None:
            value = self._fs.modified(full_path)
        if isinstance(value, (int, float)):
            value = datetime.fromtimestamp(value, UTC)
        elif isinstance(value, str):
            value = datetime.fromisoformat(value)
        return value.astimezone(UTC).replace(tzinfo=None)


class _Hashed(io.RawIOBase):
    """A stream whose bytes go through a digest as they are read."""

    def __init__(self, stream: BinaryIO, digest: Any) -> None:
        self._stream = stream
        self._digest = digest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._digest.update(data)
        return data


def _decompressed(stream: Any, compression: str) -> Any:
    return pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), compression)
