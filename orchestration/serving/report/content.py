"""The rows, formats and definitions of a page, read from a company's own copy."""

import json
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb

from ingestion.errors import UserError
from orchestration.serving.report.blocks import Block, Column, Page

_FORMATS = {
    "DATE": "date",
    "TIMESTAMP": "time",
    "BIGINT": "count",
    "INTEGER": "count",
    "HUGEINT": "count",
    "DOUBLE": "number",
    "BOOLEAN": "flag",
}
_SHARE = re.compile(r"share|_rate(_|$)|^[ng]rr(_12m)?$|_top_decile$")
_MONTH = re.compile(r"month$")
_CODE = re.compile(
    r"(_types?|_state|_segment|_mover)$|^(health_band.*|movement|direction|status|segment|change|component|verdict)$"
)

_NAMES = {
    "app_id": "Application",
    "display_name": "Organization",
    "external_org_id": "Organization id",
}

Definitions = dict[tuple[str, str], str]
"""The description of (mart, column); of the mart itself under an empty column."""


def read_definitions(connection: duckdb.DuckDBPyConnection) -> Definitions:
    """The words that dbt wrote into the copy."""
    found = connection.execute(
        "select table_name, '', comment from duckdb_tables() where comment is not null"
        " union all select table_name, column_name, comment from duckdb_columns()"
        " where comment is not null"
    ).fetchall()
    return {(mart, column): words for mart, column, words in found}


def read_page(
    connection: duckdb.DuckDBPyConnection,
    page: Page,
    definitions: Definitions,
    *,
    with_rows: bool = True,
) -> dict[str, Any]:
    """A page as the browser gets it. Raises UserError where a block asks for what is not there."""
    blocks = [_read_block(connection, block, definitions, with_rows) for block in page.blocks]
    return {"title": page.title, "about": page.about, "blocks": blocks}


def is_wanted(connection: duckdb.DuckDBPyConnection, page: Page) -> bool:
    """Whether the company has what the page is about."""
    return page.needs is None or bool(connection.table(page.needs).limit(1).fetchall())


def ask(
    connection: duckdb.DuckDBPyConnection, block: Block, query: str
) -> duckdb.DuckDBPyConnection:
    """Execute the query of a block. Raises UserError, by its title, where that fails."""
    try:
        return connection.execute(query)
    except duckdb.Error as error:
        cause = str(error).partition("\n")[0]
        raise UserError(f"report block {block.title!r} cannot be read: {cause}") from error


def _read_block(
    connection: duckdb.DuckDBPyConnection, block: Block, definitions: Definitions, with_rows: bool
) -> dict[str, Any]:
    cursor = ask(connection, block, block.sql() + ("" if with_rows else " limit 0"))
    kinds = [str(column[1]) for column in cursor.description]
    columns = [
        {
            "name": column.column,
            "label": column.label or humanized(column.column),
            "format": column.format or _format(column.column, kind),
            "definition": column.definition or definitions.get((block.mart, column.column)),
            "opens": column.opens,
        }
        for column, kind in zip(block.wanted(), kinds, strict=True)
    ]
    layout = block.model_dump(
        include={"type", "title", "kind", "note", "periods", "search", "filters", "organization"}
    )
    return layout | {
        "mart": block.mart,
        "definition": definitions.get((block.mart, "")),
        "columns": columns,
        "series": bool(getattr(block, "series", None)),
        "changes": _changes(getattr(block, "figures", [])),
        "rows": cursor.fetchall(),
    }


def _changes(figures: list[Column]) -> dict[str, str]:
    return {figure.column: figure.change for figure in figures if figure.change}


def _format(name: str, kind: str) -> str:
    if kind == "DOUBLE" and _SHARE.search(name):
        return "percent"
    if kind == "DATE" and _MONTH.search(name):
        return "month"
    if kind == "VARCHAR" and _CODE.search(name):
        return "code"
    return "money" if kind.startswith("DECIMAL") else _FORMATS.get(kind, "text")


def humanized(name: str) -> str:
    """A column's name as a heading."""
    words = _NAMES.get(name, name).replace("_", " ")
    for short in ("mrr", "arr", "arpa", "nrr", "grr", "fx", "auc"):
        words = " ".join(short.upper() if word == short else word for word in words.split())
    words = (
        words.replace("previous 30d", "in the 30 days before")
        .replace("30d", "in 30 days")
        .replace("12m", "over 12 months")
    )
    return words[:1].upper() + words[1:]


def to_json(value: Any) -> str:
    """Compact JSON that is also safe within a script element."""
    text = json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a page cannot show a {type(value).__name__}")
