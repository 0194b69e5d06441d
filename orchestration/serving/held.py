"""Companies that are held back: their last good rows stand in for the warehouse's."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from ingestion.sql import literal, quoted
from orchestration.serving.marts import SCHEMA, Mart

# In the publisher's memory, beside the attached warehouse.
_CATALOG, _SCHEMA = "memory", "with_last_rows"


def with_last_rows(
    connection: duckdb.DuckDBPyConnection, marts: list[Mart], last_copies: Mapping[str, Path | None]
) -> list[Mart]:
    """The marts with the rows of companies as they were published last.

    ``last_copies`` has the last copy of each company that is held back; None where it never had
    one: it has no rows then. A column that the last copy does not have is null.
    """
    if not last_copies:
        return marts
    connection.execute(f"create schema {_CATALOG}.{_SCHEMA}")
    catalogs = {}
    for company_id, copy in last_copies.items():
        if copy is not None:
            catalogs[company_id] = f"last/{company_id}"
            connection.execute(
                f"attach {literal(copy)} as {quoted(catalogs[company_id])} (read_only)"
            )
    names = {mart.name for mart in marts if mart.has_company_id}
    for mart in marts:
        if mart.name in names:
            others = ", ".join(map(literal, last_copies))
            rows = [
                f"{mart.rows(None)} where company_id is null or company_id not in ({others})",
                *(
                    last
                    for catalog in catalogs.values()
                    if (last := _last_rows(connection, catalog, mart))
                ),
            ]
            view = ".".join(map(quoted, (_CATALOG, _SCHEMA, mart.name)))
            connection.execute(f"create view {view} as {' union all '.join(rows)}")
    return [
        replace(mart, catalog=_CATALOG, schema=_SCHEMA) if mart.name in names else mart
        for mart in marts
    ]


def _last_rows(connection: duckdb.DuckDBPyConnection, catalog: str, mart: Mart) -> str | None:
    """The rows of a mart in a last copy, in the mart's columns; None where it had no such mart."""
    found = connection.execute(
        "select column_name from duckdb_columns()"
        f" where database_name = {literal(catalog)} and table_name = {literal(mart.name)}"
    ).fetchall()
    if not found:
        return None
    columns = ", ".join(
        f"try_cast({quoted(column.name) if (column.name,) in found else 'null'} as {column.type})"
        f" as {quoted(column.name)}"
        for column in mart.columns
    )
    return f"select {columns} from {'.'.join(map(quoted, (catalog, SCHEMA, mart.name)))}"
