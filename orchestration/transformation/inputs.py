"""What the marts depend on: a build with the same inputs as the published one is left out.

The inputs are the rows of ``raw`` (append-only, so their counts tell), the reference data, the dbt
project, the as-of date and the target.
"""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

from ingestion.landing.listing import landing_digest
from ingestion.raw.tables import SCHEMA
from ingestion.settings import Settings
from orchestration.platform.warehouse import row_counts
from orchestration.state.build_stages import (
    is_loaded,
    is_published,
    is_warehouse_unchanged,
    remember_warehouse,
)
from orchestration.state.run_memory import RunMemory
from orchestration.transformation.project import PROJECT_DIR, project_files
from orchestration.transformation.seeds import copy_seeds

# Metrics are asked on the published copies: no table depends on how they are written.
METRICS_DIR = PROJECT_DIR / "models" / "semantic"


def build_inputs(settings: Settings, seeds: Path, as_of: date) -> dict[str, Any]:
    """Everything that the marts depend on, as comparable JSON values."""
    return {
        "as_of_date": as_of.isoformat(),
        "target": settings.target,
        "raw": row_counts(settings, SCHEMA),
        "reference": _contents(sorted(seeds.glob("*.csv"))),
        "project": _contents(
            [file for file in project_files(PROJECT_DIR) if METRICS_DIR not in file.parents]
        ),
    }


def nothing_is_new(settings: Settings, as_of: date) -> bool:
    """Whether a run can be seen to change nothing before it starts.

    The landing zone is listed as it was when it was last loaded, nobody else wrote to the
    warehouse, and what is published is of the same inputs.
    """
    memory = RunMemory(settings)
    if not is_warehouse_unchanged(settings, memory):
        return False
    if not is_loaded(memory, landing_digest(settings)):
        return False
    seeds = copy_seeds(settings)
    return is_published(settings, memory, build_inputs(settings, seeds, as_of))


def is_up_to_date(settings: Settings, as_of: date) -> bool:
    """After a load: whether it left the inputs of what is published as they were."""
    memory, seeds = RunMemory(settings), copy_seeds(settings)
    if not is_published(settings, memory, build_inputs(settings, seeds, as_of)):
        return False
    remember_warehouse(settings, memory)
    return True


def _contents(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
