"""The lake's tables under their names in the warehouse: views of the files of one snapshot each.

So checks, recount, publishing and the command line read what they read on DuckDB. All views are
replaced in one transaction after a build that succeeded; what a failed one wrote is not seen.
"""

from collections.abc import Iterable, Iterator

import duckdb
from pyiceberg.catalog import Catalog
from pyiceberg.table import Table

from ingestion.sql import literal, quoted
from orchestration.lake.catalog import data_files, tables_of
from orchestration.lake.relations import Relation
from orchestration.lake.server import Server
from orchestration.lake.types import query_of_files
from orchestration.platform.warehouse import drop_relations

MARTS = "marts"
# Copies of marts that are views on Spark: a view of the lake has no files.
_COPIES = "pinned"


def pin(
    connection: duckdb.DuckDBPyConnection,
    catalog: Catalog,
    server: Server,
    relations: Iterable[Relation],
) -> None:
    """Let the warehouse have the tables of the lake, and marts that are views, as they are now.

    What the warehouse has of a relation that is not among them is dropped.
    """
    relations = list(relations)
    pins = [(relation, _query(table)) for relation, table in _tables(catalog, server, relations)]
    connection.execute("begin")
    try:
        drop_relations(connection, map(str, relations))
        for schema in sorted({relation.schema for relation, _ in pins}):
            connection.execute(f"create schema if not exists {quoted(schema)}")
        for relation, query in pins:
            name = f"{quoted(relation.schema)}.{quoted(relation.name)}"
            connection.execute(f"create view {name} as {query}")
            for comment in _comments(relation, name):
                connection.execute(comment)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _tables(
    catalog: Catalog, server: Server, relations: Iterable[Relation]
) -> Iterator[tuple[Relation, Table]]:
    """The tables that there are; a model that a build may leave out has none."""
    there = {
        schema: tables_of(catalog, schema) for schema in {relation.schema for relation in relations}
    }
    catalog.create_namespace_if_not_exists(_COPIES)
    for relation in relations:
        if relation.name in there[relation.schema]:
            yield relation, catalog.load_table(str(relation))
        elif relation.is_view and relation.schema == MARTS:
            copy = f"{_COPIES}.{relation.name}"
            server.run(f"create or replace table {copy} using iceberg as select * from {relation}")
            yield relation, catalog.load_table(copy)


def _query(table: Table) -> str:
    return query_of_files(table.schema(), data_files(table))


def _comments(relation: Relation, name: str) -> Iterator[str]:
    if relation.is_documented:
        yield f"comment on view {name} is {literal(relation.comment)}"
        for column, words in relation.column_comments.items():
            yield f"comment on column {name}.{quoted(column)} is {literal(words)}"
