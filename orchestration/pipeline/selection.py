"""``run --select``: names as people write them, as assets of the graph."""

from fnmatch import fnmatchcase
from typing import Any

import dagster as dg

from ingestion.errors import UserError


def select_keys(graph: Any, selection: str) -> list[dg.AssetKey]:
    """The executable assets that a selection means; parts are separated by commas or spaces.

    A part is a table's name (``organizations``: of several, the mart), a path with ``*``
    (``marts/*``), either with ``+`` before or after it (everything up- or downstream), or a
    selection in Dagster's own syntax (``group:marts_revenue``). Raises UserError where a part means
    nothing.
    """
    selected: set[dg.AssetKey] = set()
    for part in selection.replace(",", " ").split():
        selected |= _select_part(graph, part)
    if not selected:
        raise UserError("--select names no assets")
    # Some are only ever written together (schema raw).
    for key in list(selected):
        selected |= graph.get(key).execution_set_asset_keys
    return sorted(selected & set(graph.executable_asset_keys))


def _select_part(graph: Any, part: str) -> set[dg.AssetKey]:
    if ":" in part:
        try:
            found = set(dg.AssetSelection.from_string(part).resolve(graph))
        except Exception as error:
            raise UserError(f"--select {part}: {error}") from error
    else:
        found = _named(graph, part.strip("+"))
        base = dg.AssetSelection.assets(*found)
        if part.startswith("+"):
            found |= set(base.upstream().resolve(graph))
        if part.endswith("+"):
            found |= set(base.downstream().resolve(graph))
    if not found:
        raise UserError(
            f"--select {part}: no such asset; `saas-tracker run --select 'marts/*'` and"
            " `make dev` show how they are named"
        )
    return found


def _named(graph: Any, name: str) -> set[dg.AssetKey]:
    keys = graph.get_all_asset_keys()
    found = {
        key
        for key in keys
        if fnmatchcase(key.to_user_string(), name)
        or ("/" not in name and fnmatchcase(key.path[-1], name))
    }
    marts = {key for key in found if key.path[0] == "marts"}
    return marts if marts and "/" not in name and "*" not in name else found
