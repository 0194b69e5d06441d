"""Streams that look at the bytes which go through them: count, hash, bound."""

import io
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from ingestion.limits import Limits

_BLOCK_BYTES = 4 << 20


class Watched:
    """Tells how many bytes of a file are read; when it is closed, that all of them are."""

    def __init__(self, size: int, watch: Callable[[int], None]) -> None:
        self._left = size
        self._watch = watch

    def __enter__(self) -> "Watched":
        return self

    def __exit__(self, *_error: object) -> None:
        self.advance(self._left)

    def advance(self, size: int) -> None:
        """More bytes are read; a file that grew counts as what it was."""
        size = min(size, self._left)
        self._left -= size
        if size:
            self._watch(size)

    def reading(self, stream: BinaryIO, digest: Any) -> BinaryIO:
        """A stream that is read from its beginning to its end; ``digest`` may be None."""
        return cast(BinaryIO, _InOrder(stream, digest, self.advance))


class _InOrder(io.RawIOBase):
    """A stream whose bytes go through a digest and are counted as they are read."""

    def __init__(self, stream: BinaryIO, digest: Any, advance: Callable[[int], None]) -> None:
        self._stream = stream
        self._digest = digest
        self._advance = advance

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        if self._digest is not None:
            self._digest.update(data)
        self._advance(len(data))
        return data


class Bounded(io.RawIOBase):
    """A stream that ends with an error where it unpacks to more than the limits."""

    def __init__(self, stream: Any, stored_bytes: int, limits: Limits) -> None:
        self._stream = stream
        self._stored_bytes = stored_bytes
        self._limits = limits
        self._unpacked_bytes = 0

    def readable(self) -> bool:
        """As every stream of a file."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises UnreadableFileError where they are too many."""
        data = self._stream.read(_BLOCK_BYTES if size < 0 else size)
        self._unpacked_bytes += len(data)
        self._limits.check_unpacked(self._unpacked_bytes, self._stored_bytes)
        return data
