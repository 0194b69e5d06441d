"""What is special about a kind of dump: events, or calls. All else is the same for both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from ingestion.dumps.rows import DumpFile, Rows
from ingestion.limits import Limits
from ingestion.raw.tables import RAW_TABLES_BY_NAME

Reader = Callable[[DumpFile, BinaryIO, Limits], Rows]

# What the machinery itself writes into the raw table, besides the fields of a row.
_OWN_COLUMNS = ("content_hash", "source_path", "loaded_at", "_dlt_load_id")


@dataclass(frozen=True)
class DumpKind:
    """A kind of dump. ``many`` names its folder and raw table, ``one`` a row of it.

    ``readers`` read its formats; files of one ``order`` (by path; else of one company) are read
    alike, so that small ones share chunks. ``place`` are the columns that say where in its file a
    row stands. One that may be null in ``raw`` is not in work tables, where it is
    compared: ``stored`` and ``working`` are SQL for the way there and back.
    """

    many: str
    one: str
    place: tuple[str, ...]
    readers: Mapping[str, Reader]
    order: Callable[[str], str] = lambda path: path.partition("/")[0]
    stored: Mapping[str, str] = field(default_factory=dict)
    working: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> dict[str, str]:
        """The columns of the raw table that are of the row itself, with their types."""
        own = {"company_id", "app_id", f"{self.one}_id", *self.place, *_OWN_COLUMNS}
        columns = RAW_TABLES_BY_NAME[self.many].duckdb_columns()
        return {name: kind for name, kind in columns.items() if name not in own}

    def sql(self, template: str, **more: Any) -> str:
        """The template with the names of this kind's tables and columns, and ``more``."""
        return template.format(many=self.many, one=self.one, place=", ".join(self.place), **more)
