"""How far the marts have come: built, recounted, published, and from which inputs each.

Inputs are compared as they are: ``orchestration.transformation.inputs`` says what they are. A
warehouse file that anyone else wrote to since, or a published copy that is gone, counts as changed.
"""

from datetime import date
from typing import Any

from ingestion.settings import Settings
from orchestration.state.run_memory import RunMemory, file_identity

_BUILT = "built_from"
_AUDITED = "audited_from"
_PUBLISHED = "published_from"
_MODELS = "built_by_models"
_PINNED = "pinned_relations"
_WAREHOUSE_FILE = "warehouse_file"
_LISTING = "landing_listing"


def is_published(settings: Settings, memory: RunMemory, inputs: dict[str, Any]) -> bool:
    """Whether the published copies are of these inputs and still there."""
    return memory.get(_PUBLISHED) == inputs and (settings.serving / "all.duckdb").exists()


def is_warehouse_unchanged(settings: Settings, memory: RunMemory) -> bool:
    """Whether nobody wrote to the warehouse since the end of the last run."""
    left = memory.get(_WAREHOUSE_FILE)
    return left is not None and left == file_identity(settings.warehouse)


def is_loaded(memory: RunMemory, listing: str | None) -> bool:
    """Whether the landing zone with this digest is the one last loaded."""
    return listing is not None and listing == memory.get(_LISTING)


def remember_listing(memory: RunMemory, listing: str | None) -> None:
    """Note the landing zone's digest of before a load that succeeded."""
    memory.set(_LISTING, listing)


def begin_build(memory: RunMemory) -> None:
    """Until it is published, nothing stands for the marts."""
    for stage in (_PUBLISHED, _BUILT, _AUDITED):
        memory.set(stage, None)


def finish_build(memory: RunMemory, inputs: dict[str, Any] | None) -> None:
    """Every model is built, and no check failed for all. A build of parts has no ``inputs``."""
    memory.set(_BUILT, inputs)
    if inputs is not None:
        memory.set(_MODELS, inputs["project"])


def has_other_models(memory: RunMemory, inputs: dict[str, Any]) -> bool:
    """Whether history was computed by another state of the dbt project than this one.

    Tables that only grow would mix rows of both; dbt itself sees no change of a macro.
    """
    return memory.get(_MODELS) != inputs["project"]


def pinned(memory: RunMemory) -> list[str]:
    """The names in the warehouse that stand for tables of the lake; none of a build on DuckDB."""
    return memory.get(_PINNED) or []


def remember_pinned(memory: RunMemory, names: list[str]) -> None:
    """Note them."""
    memory.set(_PINNED, sorted(names))


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


def finish_publication(settings: Settings, memory: RunMemory, *, is_of_all: bool) -> None:
    """The copies are out. Unless they are of all companies, the next run has to build again."""
    memory.set(_PUBLISHED, memory.get(_BUILT) if is_of_all else None)
    remember_warehouse(settings, memory)


def remember_warehouse(settings: Settings, memory: RunMemory) -> None:
    """Note the warehouse file as it is at the end of a run."""
    memory.set(_WAREHOUSE_FILE, file_identity(settings.warehouse))


def forget_if_warehouse_changed(settings: Settings, memory: RunMemory) -> None:
    """At the start of a run: someone else's change to the warehouse calls for a build."""
    if memory.get(_WAREHOUSE_FILE) != file_identity(settings.warehouse):
        memory.set(_PUBLISHED, None)
