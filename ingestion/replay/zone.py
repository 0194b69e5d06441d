"""The files of a replay: the landing zone's own, and those rebuilt from quarantined texts."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO

from ingestion.landing.storage import LandingZone, StoredFile


class ReplayZone:
    """Opens files as a landing zone does; line numbers are the original files'."""

    def __init__(self, zone: LandingZone) -> None:
        self._zone = zone
        self.limits = zone.limits
        self._rebuilt: dict[StoredFile, bytes] = {}
        self._actual: dict[StoredFile, StoredFile] = {}

    def received_at(self, file: StoredFile, modified_at: datetime) -> StoredFile:
        """The file with the time at which it was first received, whoever touched it since."""
        received = StoredFile(file.path, file.size, modified_at)
        self._actual[received] = file
        return received

    def rebuild(self, path: str, modified_at: datetime, lines: list[tuple[int, str]]) -> StoredFile:
        """A file of (line number, text) in the order of lines; the lines between are blank."""
        content = io.BytesIO()
        next_line = 1
        for number, text in lines:
            content.write(b"\n" * (number - next_line) + text.encode() + b"\n")
            next_line = number + 1
        file = StoredFile(path, len(content.getvalue()), modified_at)
        self._rebuilt[file] = content.getvalue()
        return file

    def checksum(self, file: StoredFile) -> str:
        """The SHA-256 of the stored bytes."""
        if file in self._rebuilt:
            return hashlib.sha256(self._rebuilt[file]).hexdigest()
        return self._zone.checksum(self._actual.get(file, file))

    @contextmanager
    def open(
        self,
        file: StoredFile,
        compression: str | None,
        digest: Any = None,
        *,
        is_seekable: bool = False,
    ) -> Iterator[BinaryIO]:
        """The file's bytes, decompressed; raises what ``LandingZone.open`` raises.

        There is no ``digest`` of what was rebuilt: a replay knows the checksums of its files.
        """
        if file in self._rebuilt:
            yield io.BytesIO(self._rebuilt[file])
            return
        actual = self._actual.get(file, file)
        with self._zone.open(actual, compression, digest, is_seekable=is_seekable) as stream:
            yield stream
