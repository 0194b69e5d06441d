"""What ``run`` tells of its load: figures, refused files by name, and what was ignored."""

from typing import Any

from ingestion.errors import UserError
from ingestion.landing.listing import overview
from ingestion.settings import Settings
from ingestion.sql import only_row
from orchestration.cli.output import print_line

_SHOWN = 5
_LISTED = 100
_COUNTS = "rows_read", "rows_accepted", "rows_rejected", "rows_duplicate"
_NAMES = ("files_loaded", *_COUNTS, "files_rejected")
# A load that broke has left rows without being in _dlt_loads: they do not count.
_NEW = "with new as (select load_id from raw._dlt_loads where load_id > $1)"
_FIGURES = f"""{_NEW}
    select count(*), {", ".join(f"coalesce(sum({name}), 0)::bigint" for name in _COUNTS)},
        (select count(*) from raw.rejected_files where _dlt_load_id in (from new))
    from raw.loaded_files where _dlt_load_id in (from new)"""
_REFUSED = f"""{_NEW}
    select path, reason, detail from raw.rejected_files where _dlt_load_id in (from new)
    order by path limit {_LISTED}"""


def load_facts(settings: Settings, since: str) -> dict[str, Any]:
    """The figures of the loads after ``since`` (a load id), and the files that they refused."""
    import duckdb

    figures: tuple[int, ...] = (0,) * len(_NAMES)
    refused: list[Any] = []
    try:
        with duckdb.connect(str(settings.warehouse)) as connection:
            figures = only_row(connection.execute(_FIGURES, [since]))
            refused = connection.execute(_REFUSED, [since]).fetchall()
    except duckdb.Error:
        pass  # the load itself failed
    return {
        **dict(zip(_NAMES, figures, strict=True)),
        "rejected_files": [
            {"path": path, "reason": reason, "detail": detail} for path, reason, detail in refused
        ],
    }


def ignored_facts(settings: Settings) -> dict[str, Any]:
    """What of the landing zone is no input, and which links lead out of it."""
    try:
        found = overview(settings)
    except (OSError, UserError):
        return {}  # the load has said so
    return {
        "files_ignored": len(found.others) + found.hidden,
        "ignored_endings": found.others_by_ending,
        "ignored_names": found.hidden,
        "links_outside": found.outside,
        "link_loops": found.loops,
    }


def print_load(summary: dict[str, Any]) -> None:
    """The lines of the terminal."""
    facts = {name: f"{summary[name]:,}" for name in _NAMES}
    print_line(
        f"Loaded   {facts['files_loaded']} files: {facts['rows_accepted']} rows accepted,"
        f" {facts['rows_rejected']} rejected, {facts['rows_duplicate']} duplicate;"
        f" {facts['files_rejected']} files rejected"
    )
    for file in summary["rejected_files"][:_SHOWN]:
        said = f": {file['detail']}" if file["detail"] else ""
        print_line(f"         rejected: {file['path']}: {file['reason']}{said}")
    if (more := summary["files_rejected"] - _SHOWN) > 0:
        print_line(f"         and {more:,} more: saas-tracker rejects")
    if summary.get("files_ignored"):
        kinds = [f"{count:,} {ending}" for ending, count in summary["ignored_endings"].items()]
        if summary["ignored_names"]:
            kinds.append(
                f"{summary['ignored_names']:,} by their names (. or _ in front, .tmp, .part)"
            )
        print_line(
            f"Ignored  {summary['files_ignored']:,} files that are no input by folder, ending or"
            f" name: {', '.join(kinds[:_SHOWN])}; saas-tracker doctor names them"
        )
    for link, target in list(summary.get("links_outside", {}).items())[:_SHOWN]:
        print_line(f"         {link} is a link out of the landing zone, to {target}")
    for link in summary.get("link_loops", [])[:_SHOWN]:
        print_line(f"         {link} is a link to a folder that it is in: not followed")
