"""``publish``: builds every copy that changed beside its place, then puts all of them in place."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from ingestion.sql import literal
from orchestration.serving.copies import Copy
from orchestration.serving.fingerprints import Fingerprints
from orchestration.serving.manifest import Manifest, PublishedFile, State
from orchestration.serving.marts import (
    Mart,
    PublishError,
    attach_warehouse,
    read_company_ids,
    read_marts,
)
from orchestration.serving.parquet import ParquetFile
from orchestration.serving.targets import (
    duckdb_targets,
    only_publisher,
    parquet_target,
    remove_leftovers,
    remove_log,
    remove_published,
    replace_durably,
    spill_folder,
)

Progress = Callable[[int, int, str], None]

# Past this DuckDB's work spills to disk.
_MEMORY = "3GB"
# One file leaves a core idle while its last rows are packed; the second one takes it.
_AT_ONCE = 2


@dataclass(frozen=True)
class PublishSummary:
    """What was published; ``rows`` counts the rows of ``all.duckdb``.

    ``files`` are all copies there are; ``unchanged_files`` of them were left as they were.
    """

    serving: str
    companies: int
    marts: int
    rows: int
    files: int
    unchanged_files: int
    bytes: int
    removed_files: int

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, for ``--json``."""
        return asdict(self)


def publish(warehouse: Path, serving: Path, *, progress: Progress | None = None) -> PublishSummary:
    """Bring the copies in ``serving`` to the marts of ``warehouse``: all, each company, Parquet.

    Only files whose rows, columns or comments differ from the last publish are written.
    Nothing in place changes before every copy is complete, so a failure leaves the last good
    ones. Each file is replaced atomically: who has one open keeps reading what it opened.
    ``progress`` gets (steps done, steps in all, file). Raises ``PublishError``.
    """
    report: Progress = progress or (lambda done, total, what: None)
    serving.mkdir(parents=True, exist_ok=True)
    with only_publisher(serving):
        remove_leftovers(serving)
        try:
            with _connection(serving) as connection:
                catalog = attach_warehouse(connection, warehouse)
                return _publish(connection, catalog, serving, report)
        except (duckdb.Error, OSError) as error:
            text = str(error).partition("\n")[0]
            raise PublishError(f"publishing to {serving} failed: {text}") from error
        finally:
            remove_leftovers(serving)


@contextmanager
def _connection(serving: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        connection.execute(f"set temp_directory = {literal(spill_folder(serving))}")
        yield connection


def _publish(
    connection: duckdb.DuckDBPyConnection, catalog: str, serving: Path, report: Progress
) -> PublishSummary:
    marts = read_marts(connection, catalog)
    company_ids = read_company_ids(connection, catalog)
    manifest = Manifest(serving)
    state = manifest.state()
    earlier = manifest.fingerprints if state.files else None
    fingerprints = Fingerprints(connection, marts, earlier)
    copies = _copies(marts, company_ids, state, fingerprints)
    manifest.refuse_foreign(copy.path for copy in copies)
    stale = manifest.names() - {copy.path for copy in copies}
    changed = [copy for copy in copies if copy.has_changed()]
    for copy in copies:
        remove_log(serving / copy.path)

    files = dict(state.files)
    if changed or stale:
        files |= _build(connection, changed, serving, report)
        manifest.write_names(manifest.names() | {copy.path for copy in copies})
        for done, copy in enumerate(changed, start=len(changed) + 1):
            replace_durably(serving / copy.path)
            report(done, 2 * len(changed), copy.path)
        for path in stale:
            remove_published(serving, path)
        fingerprints.save(manifest.fingerprints)
        manifest.write(_state(marts, company_ids, copies, files))
    return PublishSummary(
        serving=str(serving),
        companies=len(company_ids),
        marts=len(marts),
        rows=copies[0].rows,
        files=len(copies),
        unchanged_files=len(copies) - len(changed),
        bytes=sum(files[copy.path].size for copy in copies),
        removed_files=len(stale),
    )


def _copies(
    marts: list[Mart], company_ids: list[str], state: State, fingerprints: Fingerprints
) -> list[Copy | ParquetFile]:
    """Every file that there is to be, that of all companies first."""
    copies: list[Copy | ParquetFile] = [
        Copy(path, company_id, marts, state, fingerprints)
        for path, company_id in duckdb_targets(company_ids).items()
    ]
    if set(state.companies) - set(company_ids):
        # Deleted rows stay in a file unseen. Those of a company that left are not to.
        copies[0] = replace(copies[0], state=State())
    files = [
        ParquetFile(parquet_target(company_id, mart), company_id, mart, state, fingerprints)
        for company_id in company_ids
        for mart in marts
    ]
    return copies + files


def _build(
    connection: duckdb.DuckDBPyConnection,
    copies: list[Copy | ParquetFile],
    serving: Path,
    report: Progress,
) -> dict[str, PublishedFile]:
    """Write the files beside their places, some at a time, the large ones first."""
    built: dict[str, PublishedFile] = {}
    cursors = [connection.cursor() for _ in copies]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        order = sorted(zip(copies, cursors, strict=True), key=lambda job: -job[0].rows)
        jobs = {pool.submit(copy.build, cursor, serving): copy.path for copy, cursor in order}
        try:
            for done, job in enumerate(as_completed(jobs), start=1):
                built[jobs[job]] = job.result()
                report(done, 2 * len(copies), jobs[job])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for cursor in cursors:
                cursor.interrupt()
            raise
    return built


def _state(
    marts: list[Mart],
    company_ids: list[str],
    copies: list[Copy | ParquetFile],
    files: dict[str, PublishedFile],
) -> State:
    return State(
        files={copy.path: files[copy.path] for copy in copies},
        layouts={mart.name: mart.layout for mart in marts},
        words={mart.name: mart.words for mart in marts},
        companies=tuple(company_ids),
    )
