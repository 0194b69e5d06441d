"""Reading what was built: the published copy, or the warehouse where nothing is published yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings
from ingestion.sql import with_values
from orchestration.cli.output import note
from orchestration.transformation.built import NOTHING_BUILT

Row = dict[str, Any]


@contextmanager
def open_marts(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection with schema ``marts``. Raises UserError where nothing is built."""
    published = settings.serving / "all.duckdb"
    if published.exists():
        path = published
    elif settings.warehouse.exists():
        path = settings.warehouse
        note("nothing is published: these are unchecked numbers from the warehouse")
    else:
        raise UserError(NOTHING_BUILT)
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.IOException as error:
        raise UserError(f"{path} is being written: try again when the run is done") from error
    try:
        yield connection
    except duckdb.CatalogException as error:
        raise UserError(NOTHING_BUILT) from error
    finally:
        connection.close()


def rows(connection: duckdb.DuckDBPyConnection, query: str, *parameters: Any) -> list[Row]:
    """The result of a query as dictionaries."""
    cursor = connection.execute(with_values(query, *parameters))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def company(connection: duckdb.DuckDBPyConnection, company_id: str) -> Row:
    """The company's row. Raises UserError that names the companies there are."""
    companies = rows(connection, "select * from marts.companies order by company_id")
    for row in companies:
        if row["company_id"] == company_id:
            return row
    known = ", ".join(row["company_id"] for row in companies) or "none"
    raise UserError(
        f"unknown company {company_id!r}; built are: {known}"
        " (a new one needs a row in seeds/companies.csv and a run)"
    )
