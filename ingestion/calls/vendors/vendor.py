"""What has to be said of a vendor: how its calls are known, and where their fields are."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# Every field that a vendor may say where to find; what it does not name is null.
FIELDS = (
    "is_automatic",
    "user_sent",
    "anonymous_sent",
    "previous_sent",
    "is_merge",
    "event_sent",
    "group_sent",
    "groups_sent",
    "account_sent",
    "set_sent",
    "set_below",
    "set_once_sent",
    "unset_sent",
    "is_cleared",
    "properties_sent",
    "name_sent",
    "category_sent",
    "path_sent",
    "session_sent",
    "environment_sent",
    "time_sent",
    "receipt_sent",
    "id_sent",
    "id_context",
)
BOOLEANS = frozenset({"is_automatic", "is_merge", "is_cleared"})
# Objects that are kept whole, and are looked into as well.
OPENED = ("properties", "event_properties", "user_properties", "group_properties")

_PATH = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Vendor:
    """A vendor's shape, as DuckDB SQL in which ``{a.b}`` is the JSON value at that path.

    ``names`` are the folders of the vendors that have it; calls elsewhere get the first one.
    ``rules`` say what an object has to have, by their place among all vendors' rules. ``kind`` and
    the ``fields`` of FIELDS may use the macros of ``ingestion.calls.functions`` and the ``terms``,
    names for what is said more than once; fields also the kind. Properties whose names
    match ``no_properties`` are the vendor's own. An id that is sent with ``id_context`` is unique
    only together with it, and, with ``has_time_in_id``, the time of the call.
    """

    names: tuple[str, ...]
    rules: Mapping[int, str]
    kind: str
    terms: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    no_properties: str | None = None
    has_time_in_id: bool = False

    def paths(self) -> set[str]:
        """Every path that is read."""
        texts = (*self.rules.values(), self.kind, *self.terms.values(), *self.fields.values())
        return {path for text in texts for path in _PATH.findall(text)}


def compiled(sql: str) -> str:
    """The SQL with the columns of ``shape_of`` and ``opened_shape_of`` in place of paths."""
    return _PATH.sub(lambda found: _column(found[1]), sql)


def _column(path: str) -> str:
    first, *rest = path.split(".")
    parts = [f"opened_{first}", *rest] if rest and first in OPENED else ["sent", first, *rest]
    column = ".".join(f'"{part}"' for part in parts)
    return f"cast({column} as varchar)"  # else texts beside it would be read as JSON, too


def shape_of(vendors: Iterable[Vendor]) -> dict:
    """What ``json_transform`` reads of an object; every value stays JSON."""
    paths = {path for vendor in vendors for path in vendor.paths()}
    return _nested(path for path in paths if path.split(".")[0] not in OPENED or "." not in path)


def opened_shapes_of(vendors: Iterable[Vendor]) -> dict[str, dict]:
    """The same for the objects in OPENED that are looked into."""
    paths = {path for vendor in vendors for path in vendor.paths()}
    inner = {
        name: [path.removeprefix(f"{name}.") for path in paths if path.startswith(f"{name}.")]
        for name in OPENED
    }
    return {name: _nested(found) for name, found in inner.items() if found}


def _nested(paths: Iterable[str]) -> dict:
    shape: dict = {}
    for path in sorted(paths):
        *folders, leaf = path.split(".")
        inner = shape
        for folder in folders:
            inner = inner.setdefault(folder, {})
        inner[leaf] = "JSON"
    return shape
