"""Tables and views of models that the project no longer has: dbt leaves them where they are."""

from collections.abc import Mapping
from typing import Any

from ingestion.settings import Settings
from orchestration.state.run_memory import RunMemory
from orchestration.transformation.engine import engine_of

_BUILT = "built_relations"


def drop_removed(settings: Settings, memory: RunMemory, manifest: Mapping[str, Any]) -> list[str]:
    """Drop what an earlier build made and this project does not name; returns what it was.

    Only what was built here: a table that somebody else put beside the marts is theirs.
    """
    now = sorted(
        f"{node['schema']}.{node['alias']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed")
    )
    gone = sorted(set(memory.get(_BUILT) or ()) - set(now))
    if gone:
        engine_of(settings).drop(gone)
    memory.set(_BUILT, now)
    return gone
