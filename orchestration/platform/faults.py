"""Faults of the machine in the words of a person: what is wrong, where, and what to do."""

import re
import shutil
from pathlib import Path

from ingestion.settings import Settings
from orchestration.platform.instance import dagster_home

_DBT = re.compile(r"failed with exit code .*Errors parsed from dbt logs:\s*", re.DOTALL)
_BROKEN_CONTRACT = re.compile(r"in model (\S+ \(\S+\))\s+This model has an enforced contract")
_MISMATCH = re.compile(r"\| (\w+) +\|[^|]*\|[^|]*\| (missing in \w+|data type mismatch) *\|")
_FULL = re.compile(r"No space left on device|Out of disk space|disk is full", re.IGNORECASE)
# What SQLite says of a disk that is full, and of one that is broken.
_UNCLEAR = "disk I/O error"
_NO_ROOM = 1 << 20  # bytes


def explained(message: str, settings: Settings) -> str:
    """The message; of dbt its own words alone, of a disk that is full which one and what then."""
    places = {
        "warehouse": settings.warehouse.parent,
        "published copies": settings.serving,
        "run records, DAGSTER_HOME,": dagster_home(),
    }
    fullest = min(places, key=lambda name: _free(places[name]))
    is_full = _FULL.search(message) or (_UNCLEAR in message and _free(places[fullest]) < _NO_ROOM)
    if not is_full:
        called = _DBT.search(message)
        return f"the build failed: {_said_by_dbt(message[called.end() :])}" if called else message
    return (
        f"the disk of the {fullest} is full ({places[fullest]},"
        f" {_free(places[fullest]) / 1e6:,.0f} MB left): make room and run again; what was"
        " published stays, and nothing has to be repaired"
    )


def _said_by_dbt(words: str) -> str:
    """The columns in question of a broken contract, which dbt draws as a table."""
    broken = _BROKEN_CONTRACT.search(words)
    columns = [f"{column}: {reason}" for column, reason in _MISMATCH.findall(words)]
    if broken is None or not columns:
        return words.strip()
    return (
        f"model {broken[1]} does not yield the columns of its contract ({'; '.join(columns)}):"
        " correct the SQL, or change the YAML beside it"
    )


def _free(folder: Path) -> int:
    """Bytes that are left for a folder, which may not be there yet."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
