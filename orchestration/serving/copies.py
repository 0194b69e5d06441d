"""One copy as a DuckDB file: written from nothing, or continued from the last one."""

import glob
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.sql import literal, quoted
from orchestration.serving.fingerprints import Change, Fingerprints
from orchestration.serving.isolated import execute_isolated
from orchestration.serving.manifest import PublishedFile, State
from orchestration.serving.marts import SCHEMA, Mart, is_in_company_copies
from orchestration.serving.targets import (
    building_path,
    copy_to_building,
    parquet_target,
    spill_folder,
)

# Readers need DuckDB 1.3 or newer. By default it writes what its version 0.10 reads, which takes a
# quarter more time and a tenth more room.
_STORAGE_VERSION = "v1.3.0"
# Past this share of a table's rows, writing all of it is cheaper than deleting and inserting.
_CHANGED_SHARE = 0.5
# Past this the work of a company's own process spills to disk.
_MEMORY = "1GB"


@dataclass(frozen=True)
class Copy:
    """A DuckDB copy that is to be built: of one company, or of all (None).

    That of a company is made in a process of its own of its Parquet files, which are built first.
    """

    path: str
    company_id: str | None
    marts: list[Mart]
    state: State
    fingerprints: Fingerprints

    @property
    def rows(self) -> int:
        """All rows it will hold."""
        return sum(self._change(mart).all_rows for mart in self.marts)

    @property
    def last(self) -> PublishedFile | None:
        """The file to continue; None where it has to be written from nothing."""
        return self.state.to_continue(self.path, self.rows)

    def has_changed(self) -> bool:
        """Whether the file in place is not what would be written now."""
        return (
            self.last is None
            or {mart.name for mart in self.marts} != self._last_marts
            or any(self._has_changed(mart) for mart in self.marts)
        )

    def build(self, connection: duckdb.DuckDBPyConnection, serving: Path) -> PublishedFile:
        """Write it beside its place."""
        target = serving / self.path
        last = self.last
        if last is not None:
            copy_to_building(target)
        statements = list(self._statements(connection, serving, is_new=last is None))
        if self.company_id is None:
            for statement in statements:
                connection.execute(statement)
        else:
            execute_isolated([*self._process_settings(serving), *statements])
        return PublishedFile.built(building_path(target), self.rows, last)

    def _process_settings(self, serving: Path) -> Iterator[str]:
        yield "set timezone = 'UTC'"
        yield f"set memory_limit = '{_MEMORY}'"
        # Several threads leave row groups half full, which the checkpoint writes again: half the
        # CPU seconds more, for a file a third larger (docs/performance.md).
        yield "set threads = 1"
        yield f"set temp_directory = {literal(spill_folder(serving) / str(self.company_id))}"

    def _statements(
        self, connection: duckdb.DuckDBPyConnection, serving: Path, *, is_new: bool
    ) -> Iterator[str]:
        built = literal(building_path(serving / self.path))
        yield f"attach {built} as {self._name()} (storage_version '{_STORAGE_VERSION}')"
        # As one transaction: thousands of comments are not to be flushed to the disk singly.
        yield "begin"
        if is_new:
            yield f"create schema {self._name(SCHEMA)}"
        else:
            for name in sorted(self._last_marts - {mart.name for mart in self.marts}):
                yield f"drop table {self._name(SCHEMA, name)}"
        for mart in self.marts:
            yield from self._write(connection, serving, mart, is_new=is_new)
        yield "commit"
        # Everything in the one file: no log beside it.
        yield f"checkpoint {self._name()}"
        yield f"detach {self._name()}"

    def _write(
        self, connection: duckdb.DuckDBPyConnection, serving: Path, mart: Mart, *, is_new: bool
    ) -> Iterator[str]:
        change, table, rows = self._change(mart), self._table(mart), self._rows(mart, serving)
        is_whole = (
            is_new
            or not self.state.has_layout(mart)
            or change.rows > _CHANGED_SHARE * change.all_rows
        )
        if is_whole:
            yield f"create or replace table {table} as {rows}"
        elif change.parts:
            # Rows of parts that differ are deleted, and inserted as they are now.
            changed = self.fingerprints.rows_of_changed_parts(connection, mart, self.company_id)
            yield f"delete from {table} where {changed}"
            yield f"insert into {table} from ({rows}) where {changed}"
        if is_whole or not self.state.has_words(mart):
            yield from self._comments(mart)

    def _rows(self, mart: Mart, serving: Path) -> str:
        """The query for the rows of a mart; for a company of its Parquet file."""
        if self.company_id is None:
            return mart.rows(None)
        file = serving / parquet_target(self.company_id, mart)
        built = building_path(file)
        source = literal(glob.escape(str(built if built.exists() else file)))
        columns = ", ".join(
            f"cast({quoted(column.name)} as {column.type}) as {quoted(column.name)}"
            for column in mart.columns
        )
        return f"select {columns} from read_parquet({source}, hive_partitioning = false)"

    def _comments(self, mart: Mart) -> Iterator[str]:
        table = self._table(mart)
        comments = {f"table {table}": mart.comment}
        for column in mart.columns:
            comments[f"column {table}.{quoted(column.name)}"] = column.comment
        for what, comment in comments.items():
            if comment is not None or self.state.has_layout(mart):
                text = "null" if comment is None else literal(comment)
                yield f"comment on {what} is {text}"

    @property
    def _last_marts(self) -> set[str]:
        """The tables of the copy that the last publish left."""
        return {
            name
            for name, layout in self.state.layouts.items()
            if self.company_id is None or is_in_company_copies(name, layout)
        }

    def _change(self, mart: Mart) -> Change:
        return self.fingerprints.change(mart, self.company_id)

    def _has_changed(self, mart: Mart) -> bool:
        return (
            self._change(mart).parts > 0
            or not self.state.has_layout(mart)
            or not self.state.has_words(mart)
        )

    def _table(self, mart: Mart) -> str:
        return self._name(SCHEMA, mart.name)

    def _name(self, *parts: str) -> str:
        # A name that no warehouse has.
        return ".".join(quoted(part) for part in (f"copy/{self.path}", *parts))
