"""Files of the landing folder: written beside their place, then renamed, with a set time."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ingestion.demo.profiles import DemoError

MANIFEST = "_demo_files.txt"
"""Lists what the generator wrote, so that it replaces its own files and nobody else's."""

Progress = Callable[[int, int, str], None]


class LandingWriter:
    """Writes files below one landing folder and remembers which are the generator's own."""

    def __init__(self, landing: Path) -> None:
        self.landing = landing
        self.files: list[str] = []
        self.bytes = 0
        landing.mkdir(parents=True, exist_ok=True)
        self._manifest = landing / MANIFEST
        listed = self._manifest.read_text("utf-8").splitlines() if self._manifest.exists() else []
        self._earlier = set(listed)
        self._lock = threading.Lock()

    @contextmanager
    def open_part(self, path: str, modified_at: datetime) -> Iterator[Path]:
        """Yield the name to write to; after the block it becomes ``path``, as of ``modified_at``.

        A crash leaves a name that ends in ``.part``, which ingestion ignores.
        """
        target = self.landing / path
        if target.exists() and path not in self._earlier:
            raise DemoError(
                f"{target} exists and is not demo data: move it or choose another folder"
            )
        self._claim(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        yield part
        seconds = modified_at.replace(tzinfo=UTC).timestamp()
        os.utime(part, (seconds, seconds))
        part.replace(target)
        with self._lock:
            self.files.append(path)
            self.bytes += target.stat().st_size

    def write(self, path: str, content: bytes, modified_at: datetime) -> None:
        """Write a whole file."""
        with self.open_part(path, modified_at) as part:
            part.write_bytes(content)

    def finish(self) -> None:
        """Remove what an earlier generation left and this one did not write again."""
        for path in sorted(self._earlier - set(self.files)):
            target = self.landing / path
            target.unlink(missing_ok=True)
            target.with_name(target.name + ".part").unlink(missing_ok=True)
        staged = self._manifest.with_name(MANIFEST + ".part")
        staged.write_text("".join(f"{path}\n" for path in sorted(self.files)), "utf-8")
        staged.replace(self._manifest)

    def _claim(self, path: str) -> None:
        # Before the file exists: after a crash the next generation knows it as its own.
        with self._lock:
            if path in self._earlier:
                return
            with self._manifest.open("a", encoding="utf-8") as manifest:
                manifest.write(path + "\n")
            self._earlier.add(path)
