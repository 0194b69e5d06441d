"""The page of each organization: the same blocks for all, their rows in small files beside it.

A browser reads no JSON from disk, but it runs scripts: a file calls the page with its rows.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import duckdb

from ingestion.errors import UserError
from orchestration.serving.report.blocks import Block, Page
from orchestration.serving.report.content import to_json

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
        for organization, text in _rows_by_organization(connection, block):
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


def _rows_by_organization(
    connection: duckdb.DuckDBPyConnection, block: Block
) -> Iterator[tuple[str, str]]:
    values = ", ".join(f'"{column.column}"' for column in block.wanted())
    source = f"({block.query})" if block.query else block.mart
    where = f" where {block.where}" if block.where else ""
    order = f" order by {block.order_by}" if block.order_by else ""
    query = (
        f"select external_org_id, string_agg(json_array({values})::varchar, ','{order})"
        f" from {source} as asked{where} group by external_org_id"
    )
    try:
        yield from connection.execute(query).fetchall()
    except duckdb.Error as error:
        cause = str(error).partition("\n")[0]
        raise UserError(f"report block {block.title!r} cannot be read: {cause}") from error


def _script(members: list[str], rows: dict[str, dict[int, str]], blocks: int) -> str:
    parts: list[Any] = []
    for organization in members:
        found = rows[organization]
        lists = ",".join(f"[{found.get(number, '')}]" for number in range(blocks))
        parts.append(f"{to_json(organization)}:[{lists}]")
    return f"tracker.receive({{{','.join(parts)}}});\n"
