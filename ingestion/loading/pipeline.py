"""The dlt pipeline from the landing zone to schema ``raw``, with or without an orchestrator."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import dlt
import duckdb
from dlt.common.destination.client import SqlModel
from dlt.common.storages.load_package import load_package_state
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.sources import DltSource

from ingestion.errors import UserError
from ingestion.loading.batch import Batch
from ingestion.loading.load_ids import continue_after
from ingestion.raw.resolutions import resolve_rows
from ingestion.raw.tables import RAW_TABLES, SCHEMA, RawTable
from ingestion.raw.warehouse import create_warehouse, raw_tables
from ingestion.reporting import Reporter
from ingestion.settings import Settings
from ingestion.sql import literal, only_row

PIPELINE_NAME = "saas_tracker_landing"
SOURCE_NAME = "landing"

_UNUSABLE_IN_PATHS = frozenset("'%")

# Rows lie in no particular order anyway. Without a limit DuckDB may take 80 % of the memory; with
# 3 GB a load of ten million events peaked at 3.4 GB, with 2 GB at 2.5 GB, in the same time.
_LOAD_SETTINGS = {"memory_limit": "2GB", "preserve_insertion_order": False}

_COMMITTED = f"select load_id from {SCHEMA}._dlt_loads where status = 0"
_SUMMARY = f"""
    select count(*), coalesce(sum(rows_read), 0)::bigint, coalesce(sum(rows_accepted), 0)::bigint,
        coalesce(sum(rows_rejected), 0)::bigint, coalesce(sum(rows_duplicate), 0)::bigint,
        (select count(*) from {SCHEMA}.rejected_files where load_id = {{load_id}})
    from {SCHEMA}.loaded_files where load_id = {{load_id}}"""


@dataclass(frozen=True)
class LoadSummary:
    """The figures of one load; all zero, and no load id, where nothing was new."""

    load_id: str | None = None
    files: int = 0
    rows_read: int = 0
    rows_accepted: int = 0
    rows_rejected: int = 0
    rows_duplicate: int = 0
    files_rejected: int = 0


def build_pipeline(settings: Settings) -> dlt.Pipeline:
    """The pipeline, with all of its state beside the warehouse.

    Raises UserError where dlt cannot work with the warehouse's path.
    """
    # dlt writes paths into SQL and format strings as they are.
    if unusable := set(str(settings.warehouse)) & _UNUSABLE_IN_PATHS:
        raise UserError(
            f"the path of the warehouse holds {' and '.join(sorted(unusable))}, which dlt cannot "
            "load through; set SAAS_TRACKER_WAREHOUSE to another folder"
        )
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    return dlt.pipeline(
        PIPELINE_NAME,
        pipelines_dir=str(settings.state_dir / "dlt"),
        destination=dlt.destinations.duckdb(
            # One connection's settings hold for all: dlt opens the file once per load.
            DuckDbCredentials(str(settings.warehouse), global_config=_LOAD_SETTINGS)
        ),
        dataset_name=SCHEMA,
    )


def build_source(
    settings: Settings, *, full_scan: bool = False, reporter: Reporter | None = None
) -> DltSource:
    """What is new in the landing zone, as one resource per raw table. Building it reads nothing.

    A full scan compares the checksum of every file instead of its size and time.
    """
    batch = Batch(
        settings,
        settings.landing,
        lambda zone, manifest, registry: manifest.look(zone, registry, full_scan),
        reporter,
        has_door=True,
    )
    return source_of(batch)


def source_of(batch: Batch) -> DltSource:
    """A batch as a dlt source named ``landing``."""

    @dlt.source(name=SOURCE_NAME, max_table_nesting=0)
    def landing() -> Iterator[Any]:
        for table in RAW_TABLES:
            yield _resource(batch, table)

    return landing()


def _resource(batch: Batch, table: RawTable) -> Any:
    columns: Any = table.dlt_columns()

    @dlt.resource(name=table.name, columns=columns, write_disposition="append")
    def rows() -> Iterator[Any]:
        queries = batch.queries(table.name, load_package_state()["load_id"])
        for number, query in enumerate(queries):
            # dlt runs it in the destination. Files as jobs of their own would be transactions of
            # their own, which leave blocks half full: twice the time, half as much disk again.
            model = batch.folder / f"{table.name}.{number}.model"
            model.write_text(str(SqlModel(query, "duckdb")))
            yield dlt.mark.with_file_import(str(model), "model")

    return rows


def prepare(settings: Settings) -> None:
    """Undo or finish a load that a killed process left behind. Call it before every load.

    A load counts once dlt has written its id to ``_dlt_loads``. Rows of one that does not, and
    dlt's package of it, are removed and will be loaded again; one that does is finished.
    """
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    pipeline = build_pipeline(settings)
    pipeline.abort_packages()
    if not settings.warehouse.exists():
        create_warehouse(settings.warehouse)
        return
    with duckdb.connect(str(settings.warehouse)) as connection:
        tables = raw_tables(connection)
        if "_dlt_loads" not in tables:
            return
        [(newest,)] = connection.execute(f"select max(load_id) from {SCHEMA}._dlt_loads").fetchall()
        if newest is not None:
            continue_after(newest)
        _add_new_columns(connection, tables)
        for table in tables & {table.name for table in RAW_TABLES}:
            connection.execute(
                f"delete from {SCHEMA}.{table} where _dlt_load_id not in ({_COMMITTED})"
            )
        if {"rejected_rows", "row_resolutions"} <= tables:
            resolve_rows(connection)


def _add_new_columns(connection: duckdb.DuckDBPyConnection, tables: set[str]) -> None:
    """Columns that tables of an earlier version of the product lack; dlt adds them with rows."""
    for table in RAW_TABLES:
        for name, kind in table.duckdb_columns().items() if table.name in tables else ():
            connection.execute(
                f"alter table {SCHEMA}.{table.name} add column if not exists {name} {kind}"
            )


def finish(settings: Settings) -> None:
    """Mark quarantined rows that were accepted or sent corrected. Call it after every load."""
    with duckdb.connect(str(settings.warehouse)) as connection:
        resolve_rows(connection)


def run_source(settings: Settings, source: DltSource) -> LoadSummary:
    """Load a source from recovery to housekeeping, without an orchestrator."""
    prepare(settings)
    info = build_pipeline(settings).run(source)
    finish(settings)
    return summarize(settings, info.loads_ids)


def load_landing(
    settings: Settings, *, full_scan: bool = False, reporter: Reporter | None = None
) -> LoadSummary:
    """Load what is new in the landing zone."""
    return run_source(settings, build_source(settings, full_scan=full_scan, reporter=reporter))


def summarize(settings: Settings, load_ids: list[str]) -> LoadSummary:
    """The figures of a run that made these loads: one, or none."""
    if not load_ids:
        return LoadSummary()
    with duckdb.connect(str(settings.warehouse)) as connection:
        figures = only_row(connection.execute(_SUMMARY.format(load_id=literal(load_ids[0]))))
    return LoadSummary(load_ids[0], *figures)
