"""The first rows of which a dbt test complains: ``3 results`` tells nobody where to look."""

import json
from collections.abc import Iterable
from typing import Any

import duckdb

from ingestion.settings import Settings
from orchestration.platform.warehouse import warehouse_connection
from orchestration.transformation.project import build_folder

_SHOWN_ROWS = 3
_SHOWN_CHARACTERS = 60


def failing_rows(settings: Settings, tests: Iterable[str]) -> dict[str, str]:
    """By name of a test of the last build, its first rows as ``column value``, where there are any.

    The tests' own queries are asked again: nothing has written the warehouse since.
    """
    wanted, found = set(tests), {}
    try:
        results = json.loads((build_folder(settings) / "run_results.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    with warehouse_connection(settings) as connection:
        for result in results["results"]:
            name, query = _name(result["unique_id"]), result.get("compiled_code")
            if name in wanted and query and result["status"] in ("fail", "warn"):
                found[name] = _first_rows(connection, query)
    return {name: rows for name, rows in found.items() if rows}


def _name(unique_id: str) -> str:
    """``test.saas_tracker.<name>.<hash>``, or without the hash."""
    return unique_id.split(".")[2]


def _first_rows(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    try:
        result = connection.execute(f"select * from ({query}) limit {_SHOWN_ROWS}")
    except duckdb.Error:  # the table is gone, or was rebuilt otherwise
        return ""
    columns = [column[0] for column in result.description]
    return "; ".join(
        ", ".join(f"{name} {_shown(value)}" for name, value in zip(columns, row, strict=True))
        for row in result.fetchall()
    )


def _shown(value: Any) -> str:
    text = "(empty)" if value is None else str(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
