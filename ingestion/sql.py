"""Values and names as SQL text."""

import re
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb


def literal(value: object) -> str:
    """A text as a DuckDB literal.

    Bound parameters would do the same, but the first one makes DuckDB import pandas, which takes
    longer than most of what ingestion asks for. DuckDB's parser ends at a NUL, so that is named.
    """
    text = "'" + str(value).replace("'", "''") + "'"
    return "(" + text.replace("\0", "' || chr(0) || '") + ")" if "\0" in text else text


def only_row(result: "duckdb.DuckDBPyConnection") -> tuple[Any, ...]:
    """The row of a query that has exactly one, such as a count. Raises ValueError otherwise."""
    [row] = result.fetchall()
    return row


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def with_values(query: str, *values: str | bool | int | date | None) -> str:
    """The query with literals in place of ``$1``, ``$2`` ..., for the reason that ``literal`` has.

    The query itself holds no dollar signs but these.
    """
    return re.sub(r"\$(\d+)", lambda found: _any_literal(values[int(found[1]) - 1]), query)


def _any_literal(value: str | bool | int | date | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool | int):
        return str(value).lower()
    return f"date {literal(value)}" if isinstance(value, date) else literal(value)
