"""Measured figures on disk: one JSON file for all sizes, so that sizes can be run in pieces."""

import json
import os
import platform
import statistics
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.measure import Cost

Figures = dict[str, dict[str, float]]
"""Cost by stage."""

_FIELDS = ("wall", "cpu", "megabytes")


def medians(costs: Iterable[tuple[str, Cost]]) -> Figures:
    """The median of each figure, by stage."""
    by_stage: dict[str, list[Cost]] = {}
    for stage, cost in costs:
        by_stage.setdefault(stage, []).append(cost)
    return {
        stage: {
            field: statistics.median(getattr(cost, field) for cost in runs) for field in _FIELDS
        }
        for stage, runs in by_stage.items()
    }


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("duckdb", "dbt-core", "dlt", "dagster")},
    }


def read(file: Path) -> dict[str, Any]:
    """All results, empty where there are none."""
    return json.loads(file.read_text("utf-8")) if file.exists() else {"sizes": {}}


def merge(file: Path, events: int, runs: int, figures: Figures) -> dict[str, Any]:
    """Put the stages of one size beside what the file holds already."""
    results = read(file)
    of_size = results["sizes"].setdefault(str(events), {"stages": {}})
    of_size["stages"] |= figures
    of_size |= {"runs": runs, "measured_on": datetime.now(UTC).date().isoformat()}
    results["machine"] = machine()
    file.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    return results


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
