"""Schema ``raw`` of the warehouse, brought into the lake before a build.

The warehouse is where files are judged and loads are committed; the lake follows it. A load's rows
are appended to all tables, then its id to ``_dlt_loads``: until it is there, the next sync takes
what a killed one left of the load for nothing and writes it again.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa
from pyiceberg.catalog import Catalog
from pyiceberg.table import Table

from ingestion.raw.table import RawTable
from ingestion.raw.tables import RAW_TABLES, RAW_TABLES_BY_NAME, SCHEMA
from ingestion.sql import literal, only_row, quoted
from orchestration.lake.catalog import data_files
from orchestration.lake.types import query_of_files, with_zone

_LOADS = f"{SCHEMA}._dlt_loads"
_LOAD_ID = "_dlt_load_id"
_WITHDRAWALS = (
    f"select load_id from {SCHEMA}.withdrawn_files union select load_id from {SCHEMA}.withdrawals"
)
_BATCH_ROWS = 250_000
# Without it bounds end after 16 characters, and each file might have rows of any load of that day.
_PROPERTIES = {f"write.metadata.metrics.column.{_LOAD_ID}": "full"}


@dataclass(frozen=True)
class Synced:
    """What a sync did: loads that are new or other ones in the lake, and loads that went.

    The warehouse never loses a load: where some went, the lake has followed another warehouse.
    """

    written: int
    gone: int


def sync_raw(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> Synced:
    """Bring ``raw`` of the lake to that of the warehouse that is connected."""
    catalog.create_namespace_if_not_exists(SCHEMA)
    tables = {table.name: _table(catalog, table) for table in RAW_TABLES}
    loads = _loads_of_lake(catalog)
    held = set(loads.scan().to_arrow()["load_id"].to_pylist())
    ledger = _ids(connection, f"select load_id from {_LOADS} where status = 0")
    gone = held - ledger
    # A withdrawal does loads again, under their own ids.
    is_rewritten = bool(gone or _ids(connection, _WITHDRAWALS) & (ledger - held))
    changed = _changed(connection, tables, is_rewritten=is_rewritten) & held & ledger
    new = (ledger - held) | changed
    if gone or changed:
        _keep(loads, held - gone - changed)
    if new or gone:
        for name, table in tables.items():
            _replace(connection, RAW_TABLES_BY_NAME[name], table, new | gone)
        _keep(loads, ledger)
    return Synced(len(new), len(gone))


def _table(catalog: Catalog, raw: RawTable) -> Table:
    """The table, with the columns that this version of the product gives it."""
    schema = with_zone(raw.arrow_schema(), "UTC")
    name = f"{SCHEMA}.{raw.name}"
    if not catalog.table_exists(name):
        return catalog.create_table(name, schema, properties=_PROPERTIES)
    table = catalog.load_table(name)
    if set(schema.names) - set(table.schema().column_names):
        with table.update_schema() as update:
            update.union_by_name(schema)
    return table


def _loads_of_lake(catalog: Catalog) -> Table:
    return catalog.create_table_if_not_exists(_LOADS, pa.schema([("load_id", pa.string())]))


def _keep(loads: Table, ids: Collection[str]) -> None:
    """From now on these loads count, and no others."""
    rows = pa.table({"load_id": pa.array(sorted(ids), pa.string())})
    (loads.overwrite if data_files(loads) else loads.append)(rows)


def _ids(connection: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    return {load_id for (load_id,) in connection.execute(query).fetchall()}


def _changed(
    connection: duckdb.DuckDBPyConnection, tables: dict[str, Table], *, is_rewritten: bool
) -> set[str]:
    """The loads that have other rows in the lake than in the warehouse, or are in one of them.

    Only quarantined rows change by themselves, when they are resolved. All tables are read where
    loads may have been ``is_rewritten``.
    """
    compared = tables if is_rewritten else {"rejected_rows": tables["rejected_rows"]}
    found: set[str] = set()
    for name, table in compared.items():
        raw = RAW_TABLES_BY_NAME[name]
        columns = list(raw.columns) if is_rewritten else ["row_id", "resolved_at"]
        here, there = (
            f"select {_LOAD_ID}, count(*), sum(hash({', '.join(map(quoted, columns))}))"
            f" from ({rows}) group by all"
            for rows in (
                f"from {SCHEMA}.{name}",
                query_of_files(table.schema(), data_files(table)),
            )
        )
        differing = f"({here} except {there}) union all ({there} except {here})"
        found |= _ids(connection, f"select {_LOAD_ID} from ({differing})")
    return found


def _replace(
    connection: duckdb.DuckDBPyConnection, raw: RawTable, table: Table, loads: Collection[str]
) -> None:
    """In one commit: rows of loads as the warehouse has them, in place of those in the lake."""
    is_among = f"{_LOAD_ID} in ({', '.join(map(literal, sorted(loads)))})"
    source = f"from {SCHEMA}.{raw.name} where {is_among}"
    leftovers = table.current_snapshot() is not None and data_files(table, is_among)
    (count,) = only_row(connection.execute(f"select count(*) {source}"))
    if not count and not leftovers:
        return
    columns = ", ".join(map(quoted, raw.columns))
    reader = connection.execute(f"select {columns} {source}").to_arrow_reader(_BATCH_ROWS)
    schema = with_zone(raw.arrow_schema(), "UTC")
    rows = pa.RecordBatchReader.from_batches(schema, _cast(reader, schema))
    if leftovers:
        table.overwrite(rows, overwrite_filter=is_among)
    else:
        table.append(rows)


def _cast(batches: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield batch.cast(schema)
