"""What one run leaves for the next: which loads were validated, and of what the marts are built.

A file beside the warehouse. Losing it costs a full build, nothing else.
"""

import json
import os
from pathlib import Path
from typing import Any

from ingestion.settings import Settings


class RunMemory:
    """Named JSON values, each replaced atomically."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.state_dir / "runs.json"

    def get(self, name: str) -> Any:
        """The value, or None where there is none or the file is unreadable."""
        return self._read().get(name)

    def set(self, name: str, value: Any) -> None:
        """Keep the value; None forgets it."""
        values = self._read()
        values[name] = value
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps(values, indent=1, sort_keys=True))
        draft.replace(self._path)

    def _read(self) -> dict[str, Any]:
        try:
            values = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return values if isinstance(values, dict) else {}


def file_identity(path: Path) -> list[int] | None:
    """Size and modification time (ns) of a file, or None where there is none."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return [stat.st_size, stat.st_mtime_ns]
