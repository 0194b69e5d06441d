"""The relations that a dbt project builds: names, kinds and words, from its manifest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_VIEW = "view"
_NO_RELATION = "ephemeral"


@dataclass(frozen=True)
class Relation:
    """A table or view of the project, or a source that a build writes itself."""

    schema: str
    name: str
    is_view: bool
    is_documented: bool
    comment: str
    column_comments: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


def relations_of(manifest: Mapping[str, Any]) -> list[Relation]:
    """All of them, but for the tables that loading fills."""
    built = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed")
        and node["config"]["materialized"] != _NO_RELATION
    ]
    kept = [node for node in manifest["sources"].values() if node["source_name"] == "last_build"]
    return [_relation(node) for node in [*built, *kept]]


def _relation(node: Mapping[str, Any]) -> Relation:
    config = node.get("config", {})
    return Relation(
        schema=node["schema"],
        name=node.get("alias") or node["identifier"],
        is_view=config.get("materialized") == _VIEW,
        is_documented=bool((config.get("persist_docs") or {}).get("columns")),
        comment=node["description"],
        column_comments={name: column["description"] for name, column in node["columns"].items()},
    )
