"""Of what the marts were built: a build whose inputs are those of the published one is left out.

The inputs are the rows of ``raw`` (append-only, so their counts tell), the reference data, the dbt
project, the as-of date and the target. A warehouse file that anyone else wrote to since, or a
published copy that is gone, counts as changed too.
"""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

from ingestion import reference
from ingestion.raw_tables import SCHEMA
from ingestion.settings import Settings
from orchestration.landing.listing import landing_digest
from orchestration.memory import RunMemory, file_identity
from orchestration.transformation.project import PROJECT_DIR, project_files
from orchestration.warehouse import row_counts

_BUILT = "built_from"
_AUDITED = "audited_from"
_PUBLISHED = "published_from"
_MODELS = "built_by_models"
_WAREHOUSE_FILE = "warehouse_file"
_LISTING = "landing_listing"


def build_inputs(settings: Settings, seeds: Path, as_of: date) -> dict[str, Any]:
    """Everything that the marts depend on, as comparable JSON values."""
    return {
        "as_of_date": as_of.isoformat(),
        "target": settings.target,
        "raw": row_counts(settings, SCHEMA),
        "reference": _contents(sorted(seeds.glob("*.csv"))),
        "project": _contents(project_files(PROJECT_DIR)),
    }


def is_published(settings: Settings, memory: RunMemory, inputs: dict[str, Any]) -> bool:
    """Whether the published copies are of these inputs and still there."""
    return memory.get(_PUBLISHED) == inputs and (settings.serving / "all.duckdb").exists()


def nothing_is_new(settings: Settings, as_of: date) -> bool:
    """Whether a run can be seen to change nothing before it starts.

    The landing zone is listed as it was when it was last loaded, nobody else wrote to the
    warehouse, and what is published is of the same inputs.
    """
    memory = RunMemory(settings)
    listing, warehouse_file = memory.get(_LISTING), memory.get(_WAREHOUSE_FILE)
    if warehouse_file is None or warehouse_file != file_identity(settings.warehouse):
        return False
    if listing is None or listing != landing_digest(settings):
        return False
    seeds = reference.resolve_seeds(settings)
    return is_published(settings, memory, build_inputs(settings, seeds, as_of))


def is_up_to_date(settings: Settings, as_of: date) -> bool:
    """After a load: whether it left the inputs of what is published as they were."""
    memory, seeds = RunMemory(settings), reference.resolve_seeds(settings)
    if not is_published(settings, memory, build_inputs(settings, seeds, as_of)):
        return False
    remember_warehouse(settings, memory)
    return True


def remember_listing(memory: RunMemory, listing: str | None) -> None:
    """Note the landing zone's digest of before a load that succeeded."""
    memory.set(_LISTING, listing)


def begin_build(memory: RunMemory) -> None:
    """Until it is published, nothing stands for the marts."""
    for stage in (_PUBLISHED, _BUILT, _AUDITED):
        memory.set(stage, None)


def finish_build(memory: RunMemory, inputs: dict[str, Any] | None) -> None:
    """Every model is built and every check passed. A build of parts has no ``inputs``."""
    memory.set(_BUILT, inputs)
    if inputs is not None:
        memory.set(_MODELS, inputs["project"])


def has_other_models(memory: RunMemory, inputs: dict[str, Any]) -> bool:
    """Whether history was computed by another state of the dbt project than this one.

    Tables that only grow would mix rows of both; dbt itself sees no change of a macro.
    """
    return memory.get(_MODELS) != inputs["project"]


def built_for(memory: RunMemory) -> date | None:
    """The as-of date of the marts, if they are of one whole build that passed its checks."""
    built = memory.get(_BUILT)
    return None if built is None else date.fromisoformat(built["as_of_date"])


def finish_audit(memory: RunMemory) -> None:
    """The recount agrees with what was built."""
    memory.set(_AUDITED, memory.get(_BUILT))


def is_publishable(memory: RunMemory) -> bool:
    """Whether the marts are of one whole build that passed its checks and was recounted."""
    return memory.get(_BUILT) is not None and memory.get(_BUILT) == memory.get(_AUDITED)


def finish_publication(settings: Settings, memory: RunMemory) -> None:
    """The copies are out."""
    memory.set(_PUBLISHED, memory.get(_BUILT))
    remember_warehouse(settings, memory)


def remember_warehouse(settings: Settings, memory: RunMemory) -> None:
    """Note the warehouse file as it is at the end of a run."""
    memory.set(_WAREHOUSE_FILE, file_identity(settings.warehouse))


def forget_if_warehouse_changed(settings: Settings, memory: RunMemory) -> None:
    """At the start of a run: someone else's change to the warehouse calls for a build."""
    if memory.get(_WAREHOUSE_FILE) != file_identity(settings.warehouse):
        memory.set(_PUBLISHED, None)


def _contents(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
