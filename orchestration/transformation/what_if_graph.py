"""Which models lie between the rules of signals and their backtest, from dbt's graph."""

from collections.abc import Iterable, Mapping
from typing import Any

RULES = "stg_signal_rules"
CANDIDATES = "int_signal_candidates__this_run"
RESULT = "signal_backtest"
_THIS_RUN = "this_run"

Manifest = dict[str, Any]


def built(manifest: Manifest) -> list[str]:
    """Names of the models from the rules and the days to be scanned to the result."""
    return [manifest["nodes"][name]["name"] for name in _built(manifest)]


def inputs(manifest: Manifest) -> list[tuple[str, str]]:
    """Schema and name of the tables that the models that are built here read beside one another."""
    models, nodes = _built(manifest), manifest["nodes"]
    read: set[str] = set()
    ahead = list(models)
    while ahead:
        new = set(manifest["parent_map"][ahead.pop()]) - models - read
        read |= new
        # What is part of its readers' queries has no table: they read what it reads.
        ahead += [name for name in new if _is_part_of_queries(nodes[name])]
    tables = [nodes[name] for name in sorted(read) if not _is_part_of_queries(nodes[name])]
    return [(node["schema"], node["alias"]) for node in tables]


def _is_part_of_queries(node: Mapping[str, Any]) -> bool:
    return node["config"]["materialized"] == "ephemeral"


def _built(manifest: Manifest) -> set[str]:
    """What says which rows a build replaces also follows from the rules: here nothing is."""
    nodes = manifest["nodes"]
    children = {
        name: [child for child in found if _THIS_RUN not in nodes.get(child, {}).get("tags", ())]
        for name, found in manifest["child_map"].items()
    }
    starts = _reach(_model(RULES), children) | _reach(_model(CANDIDATES), children)
    return starts & _reach(_model(RESULT), manifest["parent_map"])


def _model(name: str) -> str:
    return f"model.saas_tracker.{name}"


def _reach(start: str, edges: Mapping[str, Iterable[str]]) -> set[str]:
    found, ahead = {start}, [start]
    while ahead:
        new = set(edges.get(ahead.pop(), ())) - found
        found |= new
        ahead += new
    return found
