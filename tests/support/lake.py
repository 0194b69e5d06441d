"""Tables of the lake beside those of DuckDB: raw tables go in, marts are compared key by key."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from pyhive import hive
from pyiceberg.catalog.sql import SqlCatalog

from ingestion.raw.tables import SCHEMA
from orchestration.lake.types import with_zone
from orchestration.platform.spark.cluster import Cluster

_TOLERANCE = 1e-9
_SCRATCH = "scratch"


def open_catalog(cluster: Cluster) -> SqlCatalog:
    return SqlCatalog("lake", uri=cluster.catalog_uri, warehouse=cluster.lake.as_uri())


def export_raw(warehouse: Path, catalog: SqlCatalog) -> None:
    """Write every table of schema ``raw`` into the lake, in place of what was there.

    Times without a zone are UTC: instants, as which Spark reads its own type.
    """
    catalog.create_namespace_if_not_exists(SCHEMA)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = $1", [SCHEMA]
        ).fetchall()
        for (table,) in tables:
            rows = connection.execute(f"select * from {SCHEMA}.{table}").to_arrow_table()
            _write(catalog, f"{SCHEMA}.{table}", rows.cast(with_zone(rows.schema, "UTC")))


@dataclass(frozen=True)
class Mart:
    """A mart as dbt's manifest describes it."""

    name: str
    key: tuple[str, ...]
    is_view: bool


def read_marts(manifest: Path) -> list[Mart]:
    nodes = json.loads(manifest.read_text("utf-8"))["nodes"].values()
    keys = {
        node["attached_node"]: tuple(node["test_metadata"]["kwargs"]["combination_of_columns"])
        for node in nodes
        if node.get("test_metadata", {}).get("kwargs", {}).get("combination_of_columns")
    }
    return [
        Mart(node["alias"], keys[node["unique_id"]], node["config"]["materialized"] == "view")
        for node in nodes
        if node["resource_type"] == "model" and node["schema"] == "marts"
    ]


def different_marts(warehouse: Path, cluster: Cluster, marts: list[Mart]) -> dict[str, list[str]]:
    """What differs between DuckDB and the lake, by mart that is not equal, in lines.

    Doubles may differ by 1e-9 of their size, all else has to be equal, types too.
    """
    catalog = open_catalog(cluster)
    catalog.create_namespace_if_not_exists(_SCRATCH)
    found = {}
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        # By its own name, which the texts of its views hold.
        connection.execute(f"attach '{warehouse}' (read_only)")
        for mart in marts:
            rows = _rows_of_lake(cluster, catalog, mart)
            connection.register("actual", rows.cast(with_zone(rows.schema, None)))
            lines = list(differences(connection, f"{warehouse.stem}.marts.{mart.name}", mart.key))
            if lines:
                found[mart.name] = lines
    return found


def differences(
    connection: duckdb.DuckDBPyConnection,
    mart: str,
    key: tuple[str, ...],
    actual_rows: str = "actual",
) -> Iterator[str]:
    """Lines about rows of the lake beside the mart of DuckDB."""
    expected, actual = (
        {name: kind for name, kind, *_ in connection.execute(f"describe {table}").fetchall()}
        for table in (mart, actual_rows)
    )
    if expected != actual:
        yield f"columns: {sorted(expected.items() ^ actual.items())}"
        return
    same_key = " and ".join(f'l."{c}" is not distinct from r."{c}"' for c in key)
    pairs = (
        f"(select true as here, * from {mart}) as l"
        f" full join (select true as here, * from {actual_rows}) as r on {same_key}"
    )
    keys = ", ".join(f'coalesce(l."{c}", r."{c}")' for c in key)
    counts = [
        connection.execute(f"select count(*) from {table}").fetchall()
        for table in (mart, actual_rows)
    ]
    if counts[0] != counts[1]:
        yield f"rows: {counts}"
    looks = {"missing": ("r.here is null", ""), "too many": ("l.here is null", "")}
    for column, kind in expected.items():
        looks[column] = (
            f"l.here and r.here and {_differs(column, kind)}",
            f', l."{column}", r."{column}"',
        )
    for what, (condition, shown) in looks.items():
        query = f"select {keys}{shown}, count(*) over () from {pairs} where {condition} limit 2"
        if rows := connection.execute(query).fetchall():
            yield f"{what}: {rows[0][-1]} rows, such as {[row[:-1] for row in rows]}"


def _differs(column: str, kind: str) -> str:
    left, right = f'l."{column}"', f'r."{column}"'
    differs = f"{left} is distinct from {right}"
    if kind != "DOUBLE":
        return differs
    size = f"greatest(abs({left}), abs({right}))"
    return f"{differs} and coalesce(abs({left} - {right}) > {_TOLERANCE} * {size}, true)"


def _rows_of_lake(cluster: Cluster, catalog: SqlCatalog, mart: Mart) -> pa.Table:
    """A view's rows by way of a table: the catalog knows its text alone."""
    name = f"marts.{mart.name}"
    if mart.is_view:
        copy = f"{_SCRATCH}.{mart.name}"
        run(cluster, f"create or replace table {copy} using iceberg as select * from {name}")
        name = copy
    return catalog.load_table(name).scan().to_arrow()


def run(cluster: Cluster, statement: str) -> None:
    """Run a statement on the Thrift server; its rows are not fetched."""
    with hive.connect("127.0.0.1", port=cluster.port, username="dbt", auth="NONE") as connection:
        connection.cursor().execute(statement)


def _write(catalog: SqlCatalog, name: str, rows: pa.Table) -> None:
    if catalog.table_exists(name):
        catalog.load_table(name).overwrite(rows)
    else:
        catalog.create_table(name, rows.schema).append(rows)
