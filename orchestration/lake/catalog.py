"""The lake's catalog, and the files of a table's current snapshot."""

import re
from pathlib import Path

from pyiceberg.catalog import Catalog, load_catalog
from pyiceberg.table import Table
from sqlalchemy.exc import OperationalError

from ingestion.errors import UserError
from ingestion.settings import Settings
from orchestration.platform.spark.cluster import local_cluster

NAME = "lake"  # as Spark names it, too: a JDBC catalog keeps it beside each table
LOCAL = "local"
_OF_FILE_SYSTEM = re.compile(r"^file:(//)?(?=/)")


def open_catalog(settings: Settings) -> Catalog:
    """The catalog, which the caller closes. Raises UserError where it cannot be reached."""
    uri = settings.lake_catalog
    if uri == LOCAL:
        uri = local_cluster(settings).catalog_uri
    root = settings.lake_root
    url = root if "://" in root else Path(root).as_uri()
    try:
        return load_catalog(NAME, uri=uri, warehouse=url)
    except (OperationalError, OSError) as error:
        raise UserError(
            "the catalog of the lake does not answer: `make spark-up` starts that of this machine,"
            " SAAS_TRACKER_LAKE_CATALOG names another one"
        ) from error


def tables_of(catalog: Catalog, schema: str) -> set[str]:
    """Names of the tables of a schema, which may not be there yet; views are not among them."""
    if not catalog.namespace_exists(schema):
        return set()
    return {name[-1] for name in catalog.list_tables(schema)}


def data_files(table: Table, where: str = "true") -> list[str]:
    """Files of the current snapshot that may have rows like these, as DuckDB names them.

    Raises UserError where rows are deleted by files beside them, which DuckDB would not see.
    """
    tasks = list(table.scan(row_filter=where).plan_files())
    if any(task.delete_files for task in tasks):
        raise UserError(
            f"{'.'.join(table.name())} of the lake has delete files, and only tables without can be"
            " read: set its write.delete.mode, write.update.mode and write.merge.mode to"
            " copy-on-write, then rewrite its data files"
        )
    return sorted(_OF_FILE_SYSTEM.sub("", task.file.file_path) for task in tasks)
