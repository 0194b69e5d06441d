"""The marts of a warehouse as they are to be copied: tables, columns, comments, companies."""

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.ids import ID_PATTERN
from ingestion.sql import literal, only_row, quoted

SCHEMA = "marts"
RESERVED_COMPANY_ID = "all"
# Without companies, and common to all: the one list of marts that every company's copy holds whole.
COMMON_MARTS = frozenset({"dates"})

_MART_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_TYPES_WITH_DAY = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"})
# What dbt leaves behind when a run is killed while it swaps a table.
_UNFINISHED = re.compile(r"__dbt_(tmp|backup)")


class PublishError(RuntimeError):
    """Nothing was published; the message says why and what to do."""


@dataclass(frozen=True)
class Column:
    """One column of a mart."""

    name: str
    type: str
    comment: str | None


@dataclass(frozen=True)
class Mart:
    """One table of schema ``marts``."""

    catalog: str
    name: str
    comment: str | None
    columns: tuple[Column, ...]
    schema: str = SCHEMA

    @property
    def has_company_id(self) -> bool:
        """Whether its rows belong to companies."""
        return any(column.name == "company_id" for column in self.columns)

    @property
    def is_in_company_copies(self) -> bool:
        """Whether companies get it: their rows, or all of a mart that is common to all."""
        return is_in_company_copies(self.name, self.layout)

    @property
    def source(self) -> str:
        """The quoted name of the table or view with the rows that are to be published."""
        return ".".join(quoted(part) for part in (self.catalog, self.schema, self.name))

    @property
    def day_column(self) -> str | None:
        """The first column with a date or a time, if there is one."""
        found = (column.name for column in self.columns if column.type in _TYPES_WITH_DAY)
        return next(found, None)

    @property
    def layout(self) -> list[list[str]]:
        """Names and types of the columns: where they change, the whole table is written."""
        return [[column.name, column.type] for column in self.columns]

    @property
    def words(self) -> list[str | None]:
        """The comments: that of the table, then of each column."""
        return [self.comment, *(column.comment for column in self.columns)]

    def rows(self, company_id: str | None) -> str:
        """The query for the rows that belong into a company's copy, or into that of all."""
        columns = ", ".join(quoted(column.name) for column in self.columns)
        where = ""
        if company_id is not None and self.has_company_id:
            where = f" where company_id = {literal(company_id)}"
        return f"select {columns} from {self.source}{where}"


def is_in_company_copies(name: str, layout: list[list[str]]) -> bool:
    """Whether a mart of these columns is in the copies of companies.

    One without ``company_id`` may hold anything of anyone: it is in ``all.duckdb`` alone.
    """
    return name in COMMON_MARTS or any(column == "company_id" for column, _ in layout)


def attach_warehouse(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> str:
    """Attach the warehouse read-only and return its catalog, or say why that is not possible."""
    if not warehouse.is_file():
        raise PublishError(f"there is no warehouse at {warehouse}: run `saas-tracker run` first")
    try:
        # Under its own name: a mart that is a view names the catalog of the tables it reads.
        connection.execute(f"attach {literal(warehouse)} (read_only)")
    except duckdb.Error as error:
        raise PublishError(
            f"cannot read the warehouse {warehouse}: {_first_line(error)}"
        ) from error
    (catalog,) = only_row(
        connection.execute(
            "select database_name from duckdb_databases() where path is not null and not internal"
        )
    )
    return catalog


def read_marts(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[Mart]:
    """Every table and view of schema ``marts``, by name."""
    relations = connection.execute(
        """
        select table_name, comment from duckdb_tables()
        where database_name = $database and schema_name = $schema
        union all
        select view_name, comment from duckdb_views()
        where database_name = $database and schema_name = $schema and not internal
        order by 1
        """,
        {"database": catalog, "schema": SCHEMA},
    ).fetchall()
    columns = connection.execute(
        """
        select table_name, column_name, data_type, comment from duckdb_columns()
        where database_name = $database and schema_name = $schema
        order by table_name, column_index
        """,
        {"database": catalog, "schema": SCHEMA},
    ).fetchall()
    marts = [
        Mart(
            catalog=catalog,
            name=name,
            comment=comment,
            columns=tuple(Column(*facts) for table, *facts in columns if table == name),
        )
        for name, comment in relations
        if not _UNFINISHED.search(name)
    ]
    if not any(mart.name == "companies" and mart.has_company_id for mart in marts):
        raise PublishError("the warehouse has no table marts.companies: build the marts first")
    for mart in marts:
        if not _MART_NAME.fullmatch(mart.name):
            raise PublishError(f"the mart {mart.name!r} cannot be the name of a file: rename it")
    return marts


def read_company_ids(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[str]:
    """The registered companies. Ids that could leave the folder or hide a copy are refused."""
    table = ".".join(quoted(part) for part in (catalog, SCHEMA, "companies"))
    rows = connection.execute(f"select distinct company_id from {table} order by 1").fetchall()
    for (company_id,) in rows:
        if not isinstance(company_id, str) or not ID_PATTERN.fullmatch(company_id):
            raise PublishError(
                f"company id {company_id!r} is malformed: correct it in seeds/companies.csv"
            )
        if company_id == RESERVED_COMPANY_ID:
            raise PublishError(
                f"company id {company_id!r} is reserved, {RESERVED_COMPANY_ID}.duckdb holds every"
                " company: rename it in seeds/companies.csv"
            )
    return [company_id for (company_id,) in rows]


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
