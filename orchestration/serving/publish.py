"""``publish``: builds every copy that changed beside its place, then puts all of them in place."""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingestion.sql import literal
from orchestration.serving.copies import Copy
from orchestration.serving.fingerprints import Fingerprints
from orchestration.serving.held import with_last_rows
from orchestration.serving.isolated import IsolatedError
from orchestration.serving.manifest import Manifest, PublishedFile
from orchestration.serving.marts import (
    PublishError,
    attach_warehouse,
    read_company_ids,
    read_marts,
)
from orchestration.serving.parquet import ParquetFile
from orchestration.serving.plan import planned_copies, planned_state
from orchestration.serving.targets import (
    copy_file_name,
    give_to_group,
    is_copy,
    is_of_company,
    only_publisher,
    remove_leftovers,
    remove_log,
    remove_published,
    replace_durably,
    spill_folder,
)
from orchestration.serving.versions import remove_versions, switch_version

Progress = Callable[[int, int, str], None]

# Past this DuckDB's work spills to disk.
_MEMORY = "3GB"
# Files that are written at a time, each by one thread.
_AT_ONCE = 2


@dataclass(frozen=True)
class PublishSummary:
    """What was published; ``rows`` counts the rows of ``all.duckdb``.

    ``companies`` were brought up to date, those ``held_back`` were left as they were. ``files`` are
    all copies of the former; ``unchanged_files`` of them needed no writing.
    """

    serving: str
    companies: int
    held_back: list[str]
    marts: int
    rows: int
    files: int
    unchanged_files: int
    bytes: int
    removed_files: int

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, as values that JSON and Dagster's metadata have."""
        return asdict(self) | {"held_back": list(self.held_back)}


def publish(
    warehouse: Path,
    serving: Path,
    *,
    held_back: Collection[str] = (),
    group: str | None = None,
    progress: Progress | None = None,
) -> PublishSummary:
    """Bring the copies in ``serving`` to the marts of ``warehouse``: all, each company, Parquet.

    Companies that are ``held_back`` keep the copies, and in that of all the rows, of the last
    publish that was theirs. Only files whose rows, columns or comments differ from the last
    publish are written. Nothing in place changes before every copy is complete, so a failure
    leaves the last good ones. Each file is replaced atomically: who has one open keeps reading
    what it opened. Files may be handed to a ``group``; who may read them is up to the umask.
    ``progress`` gets (steps done, steps in all, file). Raises ``PublishError``.
    """
    report: Progress = progress or (lambda done, total, what: None)
    serving.mkdir(parents=True, exist_ok=True)
    with only_publisher(serving):
        remove_leftovers(serving)
        try:
            with _connection(serving) as connection:
                publication = _Publication(connection, serving, group, report)
                return publication.run(warehouse, sorted(held_back))
        except (duckdb.Error, IsolatedError, OSError) as error:
            text = str(error).partition("\n")[0]
            raise PublishError(f"publishing to {serving} failed: {text}") from error
        finally:
            remove_leftovers(serving)


@contextmanager
def _connection(serving: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"set memory_limit = '{_MEMORY}'")
        # Companies' processes spill into folders of their own in it; DuckDB makes one folder only.
        spill_folder(serving).mkdir(exist_ok=True)
        connection.execute(f"set temp_directory = {literal(spill_folder(serving))}")
        yield connection


@dataclass(frozen=True)
class _Publication:
    """One publish; the folder is locked."""

    connection: duckdb.DuckDBPyConnection
    serving: Path
    group: str | None
    report: Progress

    def run(self, warehouse: Path, held_back: Sequence[str]) -> PublishSummary:
        """Build what changed, put it in place, remove what is published no longer."""
        catalog = attach_warehouse(self.connection, warehouse)
        manifest = Manifest(self.serving)
        in_warehouse = read_marts(self.connection, catalog)
        company_ids = [
            company_id
            for company_id in read_company_ids(self.connection, catalog)
            if company_id not in held_back
        ]
        last = {path for path in manifest.names() if (self.serving / path).is_file()}
        kept = {path for path in last for name in held_back if is_of_company(path, name)}
        marts = with_last_rows(
            self.connection,
            in_warehouse,
            {
                company_id: self.serving / file
                if (file := copy_file_name(company_id)) in kept
                else None
                for company_id in held_back
            },
        )
        state = manifest.state()
        fingerprints = Fingerprints(
            self.connection, marts, manifest.fingerprints if state.files else None
        )
        copies = planned_copies(marts, company_ids, held_back, state, fingerprints)
        paths = {copy.path for copy in copies}
        manifest.refuse_foreign(paths)
        stale = manifest.names() - paths - kept
        changed = [copy for copy in copies if copy.has_changed()]
        for path in paths:
            remove_log(self.serving / path)

        files = dict(state.files)
        if changed or stale or set(state.companies) != {*company_ids, *held_back}:
            files |= self._build(changed)
            manifest.write_names(manifest.names() | paths)
            self._put_in_place([copy.path for copy in changed], stale, paths)
            fingerprints.save(manifest.fingerprints)
            manifest.write(planned_state(marts, [*company_ids, *held_back], copies, files), kept)
        self._give_to_group(paths | kept)
        return PublishSummary(
            serving=str(self.serving),
            companies=len(company_ids),
            held_back=list(held_back),
            marts=len(marts),
            rows=copies[0].rows,
            files=len(copies),
            unchanged_files=len(copies) - len(changed),
            bytes=sum(files[copy.path].size for copy in copies),
            removed_files=len(stale),
        )

    def _build(self, copies: list[Copy | ParquetFile]) -> dict[str, PublishedFile]:
        """Write the files beside their places: Parquet first, of which companies' copies are."""
        # Threads that share a file wait for each other where little is written.
        self.connection.execute("set threads = 1")
        built: dict[str, PublishedFile] = {}
        for kind in (ParquetFile, Copy):
            built |= self._build_at_once(
                [copy for copy in copies if isinstance(copy, kind)], len(built), 2 * len(copies)
            )
        return built

    def _build_at_once(
        self, copies: Sequence[Copy | ParquetFile], before: int, steps: int
    ) -> dict[str, PublishedFile]:
        """Write files some at a time, the large ones first; ``before`` them others were."""
        built: dict[str, PublishedFile] = {}
        cursors = [self.connection.cursor() for _ in copies]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            order = sorted(zip(copies, cursors, strict=True), key=lambda job: -job[0].rows)
            jobs = {pool.submit(copy.build, cursor, self.serving): copy for copy, cursor in order}
            try:
                for done, job in enumerate(as_completed(jobs), start=before + 1):
                    built[jobs[job].path] = job.result()
                    self.report(done, steps, jobs[job].path)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for cursor in cursors:
                    cursor.interrupt()
                raise
        return built

    def _put_in_place(
        self, changed: Sequence[str], stale: Collection[str], wanted: Collection[str]
    ) -> None:
        """Replace each DuckDB copy, and for each company the folder of its Parquet files."""
        for done, path in enumerate(changed, start=len(changed) + 1):
            if is_copy(path):
                replace_durably(self.serving / path, self.group)
            self.report(done, 2 * len(changed), path)
        for path in filter(is_copy, stale):
            remove_published(self.serving / path)
        for folder in sorted(
            {Path(path).parent for path in {*changed, *stale} if not is_copy(path)}
        ):
            names = [Path(path).name for path in wanted if Path(path).parent == folder]
            if names:
                switch_version(self.serving / folder, names, self.group)
            else:
                remove_versions(self.serving / folder)

    def _give_to_group(self, paths: set[str]) -> None:
        """What was published before the group was set, and the folders."""
        folders = {(self.serving / path).parent for path in paths}
        for folder in (self.serving, self.serving / "parquet", *folders):
            if folder.exists():
                give_to_group(folder, self.group)
        for path in paths:
            give_to_group(self.serving / path, self.group)
