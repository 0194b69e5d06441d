"""The page of each organization: the same blocks for all, their rows in small files beside it.

A browser reads no JSON from disk, but it runs scripts: a file calls the page with its rows.
"""

import hashlib
from collections import defaultdict
from typing import Any

import duckdb

from orchestration.serving.report.blocks import Page
from orchestration.serving.report.content import ask, to_json

_TOGETHER = 25
"""Organizations per file: one is some 100 KB, and 2,000 organizations are 80 files."""

Files = dict[str, str]
"""Name below the company's folder -> text."""


def organization_files(
    connection: duckdb.DuckDBPyConnection, page: Page
) -> tuple[dict[str, str], Files]:
    """The file of each organization's rows, and the files.

    A file is named for its content: one that did not change is there already.
    """
    rows: dict[str, dict[int, str]] = defaultdict(dict)
    for number, block in enumerate(page.blocks):
        for organization, text in ask(connection, block, block.sql_by_organization()).fetchall():
            rows[organization][number] = text
    places: dict[str, str] = {}
    files: Files = {}
    organizations = sorted(rows)
    for start in range(0, len(organizations), _TOGETHER):
        members = organizations[start : start + _TOGETHER]
        text = _script(members, rows, len(page.blocks))
        name = f"organizations/{hashlib.sha256(text.encode()).hexdigest()[:16]}.js"
        files[name] = text
        places |= dict.fromkeys(members, name)
    return places, files


def _script(members: list[str], rows: dict[str, dict[int, str]], blocks: int) -> str:
    parts: list[Any] = []
    for organization in members:
        found = rows[organization]
        lists = ",".join(f"[{found.get(number, '')}]" for number in range(blocks))
        parts.append(f"{to_json(organization)}:[{lists}]")
    return f"tracker.receive({{{','.join(parts)}}});\n"
