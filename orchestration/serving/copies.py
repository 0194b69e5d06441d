"""One copy as a DuckDB file: written from nothing, or continued from the last one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.sql import literal, quoted
from orchestration.serving.fingerprints import Change, Fingerprints
from orchestration.serving.manifest import PublishedFile, State
from orchestration.serving.marts import SCHEMA, Mart
from orchestration.serving.targets import building_path, copy_to_building

# Readers need DuckDB 1.3 or newer. By default it writes what its version 0.10 reads, which takes a
# quarter more time and a tenth more room.
_STORAGE_VERSION = "v1.3.0"
# Past this share of a table's rows, writing all of it is cheaper than deleting and inserting.
_CHANGED_SHARE = 0.5


@dataclass(frozen=True)
class Copy:
    """A DuckDB copy that is to be built: of one company, or of all (None)."""

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
            or {mart.name for mart in self.marts} != set(self.state.layouts)
            or any(self._has_changed(mart) for mart in self.marts)
        )

    def build(self, connection: duckdb.DuckDBPyConnection, serving: Path) -> PublishedFile:
        """Write it beside its place."""
        target = serving / self.path
        last = self.last
        if last is not None:
            copy_to_building(target)
        with self._attached(connection, target):
            if last is None:
                connection.execute(f"create schema {self._name(SCHEMA)}")
            else:
                self._drop_tables(connection)
            for mart in self.marts:
                self._write(connection, mart, is_new=last is None)
        return PublishedFile.built(building_path(target), self.rows, last)

    @contextmanager
    def _attached(self, connection: duckdb.DuckDBPyConnection, target: Path) -> Iterator[None]:
        built = literal(building_path(target))
        connection.execute(
            f"attach {built} as {self._name()} (storage_version '{_STORAGE_VERSION}')"
        )
        try:
            # As one transaction: thousands of comments are not to be flushed to the disk singly.
            connection.execute("begin")
            try:
                yield
                connection.execute("commit")
            except BaseException:
                connection.execute("rollback")
                raise
            # Everything in the one file: no log beside it.
            connection.execute(f"checkpoint {self._name()}")
        finally:
            connection.execute(f"detach {self._name()}")

    def _drop_tables(self, connection: duckdb.DuckDBPyConnection) -> None:
        for name in set(self.state.layouts) - {mart.name for mart in self.marts}:
            connection.execute(f"drop table {self._name(SCHEMA, name)}")

    def _write(self, connection: duckdb.DuckDBPyConnection, mart: Mart, *, is_new: bool) -> None:
        change = self._change(mart)
        is_whole = (
            is_new
            or not self.state.has_layout(mart)
            or change.rows > _CHANGED_SHARE * change.all_rows
        )
        if is_whole:
            self._write_whole(connection, mart)
        elif change.parts:
            self._write_parts(connection, mart)
        if is_whole or not self.state.has_words(mart):
            self._comment(connection, mart)

    def _write_whole(self, connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
        connection.execute(
            f"create or replace table {self._table(mart)} as {mart.rows(self.company_id)}"
        )

    def _write_parts(self, connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
        """Rows of parts that differ are deleted, and inserted as they are now."""
        changed = self.fingerprints.rows_of_changed_parts(mart)
        connection.execute(f"delete from {self._table(mart)} where {changed}")
        connection.execute(
            f"insert into {self._table(mart)} from ({mart.rows(self.company_id)}) where {changed}"
        )

    def _comment(self, connection: duckdb.DuckDBPyConnection, mart: Mart) -> None:
        table = self._table(mart)
        comments = {f"table {table}": mart.comment}
        for column in mart.columns:
            comments[f"column {table}.{quoted(column.name)}"] = column.comment
        for what, comment in comments.items():
            if comment is not None or self.state.has_layout(mart):
                text = "null" if comment is None else literal(comment)
                connection.execute(f"comment on {what} is {text}")

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
        # Two copies are built at a time, each under a name that no warehouse has.
        return ".".join(quoted(part) for part in (f"copy/{self.path}", *parts))
