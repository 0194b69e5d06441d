"""Faults of the machine in the words of a person: what is wrong, where, and what to do."""

import re
import shutil
from pathlib import Path

from ingestion.settings import Settings

_DBT = re.compile(r"failed with exit code .*Errors parsed from dbt logs:\s*", re.DOTALL)
_FULL = re.compile(r"No space left on device|Out of disk space|disk is full", re.IGNORECASE)


def explained(message: str, settings: Settings) -> str:
    """The message; of dbt its own words alone, of a disk that is full which one and what then."""
    if not _FULL.search(message):
        called = _DBT.search(message)
        return f"the build failed: {message[called.end() :].strip()}" if called else message
    places = {"warehouse": settings.warehouse.parent, "published copies": settings.serving}
    fullest = min(places, key=lambda name: _free(places[name]))
    return (
        f"the disk of the {fullest} is full ({places[fullest]},"
        f" {_free(places[fullest]) / 1e6:,.0f} MB left): make room and run again; what was"
        " published stays, and nothing has to be repaired"
    )


def _free(folder: Path) -> int:
    """Bytes that are left for a folder, which may not be there yet."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
