"""``publish``: builds every copy beside its place, then puts all of them in place."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.serving.marts import (
    SCHEMA,
    Mart,
    PublishError,
    attach_warehouse,
    literal,
    quoted,
    read_company_ids,
    read_marts,
)
from orchestration.serving.targets import (
    Manifest,
    building_path,
    duckdb_targets,
    only_publisher,
    parquet_target,
    remove_leftovers,
    remove_published,
    replace_durably,
)

Progress = Callable[[int, int, str], None]

_COPY = "serving_copy"
_SORTED_ROWS = 1_000_000  # sorting more takes longer than the rest of publishing


@dataclass(frozen=True)
class PublishSummary:
    """What was published; ``rows`` counts the rows of ``all.duckdb``."""

    serving: str
    companies: int
    marts: int
    rows: int
    files: int
    bytes: int
    removed_files: int

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, for ``--json``."""
        return asdict(self)


def publish(warehouse: Path, serving: Path, *, progress: Progress | None = None) -> PublishSummary:
    """Copy the marts of ``warehouse`` to ``serving``: all companies, each company, Parquet.

    Nothing in place changes before every copy is complete, so a failure leaves the last good
    ones. Each file is replaced atomically: who has one open keeps reading what it opened.
    ``progress`` gets (steps done, steps in all, file). Raises ``PublishError``.
    """
    report: Progress = progress or (lambda done, total, what: None)
    serving.mkdir(parents=True, exist_ok=True)
    with only_publisher(serving):
        remove_leftovers(serving)
        try:
            with duckdb.connect() as connection:
                catalog = attach_warehouse(connection, warehouse)
                return _publish(connection, catalog, serving, report)
        except (duckdb.Error, OSError) as error:
            text = str(error).partition("\n")[0]
            raise PublishError(f"publishing to {serving} failed: {text}") from error
        finally:
            remove_leftovers(serving)


def _publish(
    connection: duckdb.DuckDBPyConnection, catalog: str, serving: Path, report: Progress
) -> PublishSummary:
    marts = read_marts(connection, catalog)
    company_ids = read_company_ids(connection, catalog)
    copies = duckdb_targets(company_ids)
    parquet = {
        parquet_target(company_id, mart): (company_id, mart)
        for company_id in company_ids
        for mart in marts
    }
    paths = [*copies, *parquet]
    manifest = Manifest(serving)
    manifest.refuse_foreign(paths)
    earlier = manifest.read()
    total, done = 2 * len(paths), 0

    for path, company_id in copies.items():
        _build_copy(connection, serving / path, marts, company_id)
        report(done := done + 1, total, path)
    rows = {mart: _count(connection, mart) for mart in marts}
    for path, (company_id, mart) in parquet.items():
        is_sorted = rows[mart] <= _SORTED_ROWS
        _build_parquet(connection, serving / path, mart, company_id, is_sorted=is_sorted)
        report(done := done + 1, total, path)

    # The new names are listed before they exist: after a crash the next publish knows them.
    manifest.write(earlier | set(paths))
    for path in paths:
        replace_durably(serving / path)
        report(done := done + 1, total, path)
    stale = earlier - set(paths)
    for path in stale:
        remove_published(serving, path)
    manifest.write(paths)
    return PublishSummary(
        serving=str(serving),
        companies=len(company_ids),
        marts=len(marts),
        rows=sum(rows.values()),
        files=len(paths),
        bytes=sum((serving / path).stat().st_size for path in paths),
        removed_files=len(stale),
    )


def _build_copy(
    connection: duckdb.DuckDBPyConnection, target: Path, marts: list[Mart], company_id: str | None
) -> None:
    built = literal(str(building_path(target)))
    connection.execute(f"attach {built} as {quoted(_COPY)}")
    try:
        connection.execute(f"create schema {quoted(_COPY)}.{quoted(SCHEMA)}")
        for mart in marts:
            table = f"{quoted(_COPY)}.{quoted(SCHEMA)}.{quoted(mart.name)}"
            connection.execute(f"create table {table} as {_rows(mart, company_id)}")
            if mart.comment is not None:
                connection.execute(f"comment on table {table} is {literal(mart.comment)}")
            for column, comment in mart.columns:
                if comment is not None:
                    connection.execute(
                        f"comment on column {table}.{quoted(column)} is {literal(comment)}"
                    )
        # Everything in the one file: no log beside it.
        connection.execute(f"checkpoint {quoted(_COPY)}")
    finally:
        connection.execute(f"detach {quoted(_COPY)}")


def _build_parquet(
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    mart: Mart,
    company_id: str,
    *,
    is_sorted: bool,
) -> None:
    """Sorted rows are the same bytes whenever they are the same rows."""
    order = " order by all" if is_sorted else ""
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"copy ({_rows(mart, company_id)}{order}) to {literal(str(building_path(target)))}"
        " (format parquet, compression zstd)"
    )


def _rows(mart: Mart, company_id: str | None) -> str:
    columns = ", ".join(quoted(name) for name, _ in mart.columns)
    where = ""
    if company_id is not None and mart.has_company_id:
        where = f" where company_id = {literal(company_id)}"
    return f"select {columns} from {mart.source}{where}"


def _count(connection: duckdb.DuckDBPyConnection, mart: Mart) -> int:
    row = connection.execute(f"select count(*) from {mart.source}").fetchone()
    return row[0] if row else 0
