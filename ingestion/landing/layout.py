"""Which file of the landing zone is what: the folder conventions, and nothing about contents."""

import re
from dataclasses import dataclass

# What applications send, by its folder and table, and what one row of it is called.
DUMP_KINDS = {"events": "event", "calls": "call"}
IMPORT_KINDS = ("organizations", "subscriptions", "dismissals")

_EVENT_FILE = re.compile(r"\.(jsonl|ndjson|csv|parquet)(?:\.(gz|zst))?$", re.IGNORECASE)
_IMPORT_FILE = re.compile(r"\.(csv)(?:\.(gz))?$", re.IGNORECASE)
# Segment names the JSON lines of its archive `*.gz`.
_CALL_FILE = re.compile(r"\.(jsonl|ndjson|json)(?:\.(gz|zst))?$|\.(gz)$", re.IGNORECASE)
_FORMATS = {
    "jsonl": "json",
    "ndjson": "json",
    "json": "json_document",
    "csv": "csv",
    "parquet": "parquet",
}
COMPRESSIONS = {"gz": "gzip", "zst": "zstd"}


@dataclass(frozen=True)
class Route:
    """What a path says about its file. ``app_id`` is None for imports."""

    company_id: str
    app_id: str | None
    kind: str  # "events", "calls" or one of IMPORT_KINDS
    file_format: str  # "json", "json_document" (lines, under the name of one), "csv" or "parquet"
    compression: str | None  # None, "gzip" or "zstd"


def is_ignored(path: str) -> bool:
    """Whether a name in ``path`` marks a hidden, private or unfinished file or folder."""
    parts = path.split("/")
    return any(part.startswith((".", "_")) for part in parts) or parts[-1].endswith(
        (".tmp", ".part")
    )


def route(path: str) -> Route | None:
    """The route of a path relative to the landing root, or None where it is not an input.

    The ids in it may be unregistered or malformed: ``Registry.refusal`` tells.
    """
    if is_ignored(path):
        return None
    match path.split("/"):
        case [company_id, "imports", kind, name] if kind in IMPORT_KINDS:
            return _route(company_id, None, kind, _IMPORT_FILE.search(name))
        case [company_id, "apps", app_id, "events", _, *_] as parts:
            return _route(company_id, app_id, "events", _EVENT_FILE.search(parts[-1]))
        case [company_id, "apps", app_id, "calls", _, *_] as parts:
            return _route(company_id, app_id, "calls", _CALL_FILE.search(parts[-1]))
    return None


def _route(
    company_id: str, app_id: str | None, kind: str, ending: re.Match[str] | None
) -> Route | None:
    if ending is None:
        return None
    file_format, packed, *archive = ending.groups()
    compression = COMPRESSIONS.get((packed or "".join(filter(None, archive))).lower())
    return Route(company_id, app_id, kind, _FORMATS[(file_format or "jsonl").lower()], compression)
