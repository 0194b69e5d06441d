"""How marts join, drawn from the relationships that their tests declare."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import yaml


class Relationship(NamedTuple):
    """Rows of ``child`` name a row of ``parent`` by these columns."""

    child: str
    parent: str
    columns: tuple[str, ...]


def declared_relationships(marts: Path) -> list[Relationship]:
    """Relationships between marts; those with reference data are left out."""
    found = []
    for file in sorted(marts.rglob("*.yml")):
        for model in yaml.safe_load(file.read_text()).get("models", []):
            for test in model.get("data_tests", []):
                arguments = test.get("key_and_rules", {}).get("arguments", {})
                for one in arguments.get("relationships", []):
                    parent = re.findall(r"ref\('(\w+)'\)", one["to"])[0]
                    if list(marts.rglob(f"{parent}.yml")):
                        columns = tuple(one["columns"])
                        found.append(Relationship(_table(model["name"]), _table(parent), columns))
    return found


def diagram(relationships: Iterable[Relationship]) -> str:
    """A Mermaid diagram: one line per relationship, many rows of the child to one of the parent."""
    lines = [
        f'    {one.parent} ||--o{{ {one.child} : "{", ".join(one.columns)}"'
        for one in sorted(relationships, key=lambda one: (one.parent, one.child))
    ]
    return "\n".join(["erDiagram", *lines, ""])


def _table(model: str) -> str:
    return model.removeprefix("mart_")
