"""What is to be withdrawn: all that a path brought, or all that a load brought."""

from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

import duckdb

from ingestion.errors import UserError
from ingestion.settings import Settings
from ingestion.sql import literal, only_row

STORED = "stored"  # the warehouse, as the work connection has it attached
RAW_BEFORE = f"{STORED}.raw"

_PATHS = f"""
    select distinct path, company_id from (
        select path, company_id from {RAW_BEFORE}.loaded_files
        union all select path, company_id from {RAW_BEFORE}.rejected_files
        union all select path, company_id from {RAW_BEFORE}.import_history
    )"""
_LOADS = f"select load_id from {RAW_BEFORE}._dlt_loads where load_id = $load"
_WITHDRAWN = f"select max(withdrawn_at) from {RAW_BEFORE}.withdrawn_files where path = $path"


@dataclass(frozen=True)
class Target:
    """One of ``path`` and ``load_id`` is set; ``company_id`` None means every company."""

    path: str | None = None
    load_id: str | None = None
    company_id: str | None = None

    def __str__(self) -> str:
        return self.path or f"load {self.load_id}"

    def condition(self, path_column: str = "path") -> str:
        """SQL that holds for the rows of a raw table that are to go."""
        parts = [f"company_id = {literal(self.company_id)}"] if self.company_id else []
        if self.path is not None:
            parts.append(f"{path_column} = {literal(self.path)}")
        else:
            parts.append(f"_dlt_load_id = {literal(self.load_id)}")
        return f"coalesce({' and '.join(parts)}, false)"


def find_target(
    connection: duckdb.DuckDBPyConnection, settings: Settings, what: str, company_id: str | None
) -> Target:
    """The target that a person named: a path of the landing zone, a local file in it, or a load.

    Raises UserError where nothing of the name was loaded, or a path is that of several companies.
    """
    known: dict[str, set[str]] = {}
    for path, owner in connection.execute(_PATHS).fetchall():
        known.setdefault(path, set()).add(owner)
    path = next((name for name in _spellings(settings, what) if name in known), None)
    if path is not None:
        owners = {owner for owner in known[path] if company_id in (None, owner)}
        if len(owners) > 1:
            names = ", ".join(sorted(owners))
            raise UserError(f"{path} was loaded for {names}: name one with --company")
        if not owners:
            raise UserError(f"{path} was not loaded for company {company_id!r}")
        return Target(path=path, company_id=company_id or owners.pop())
    if connection.execute(_LOADS.replace("$load", literal(what))).fetchone():
        return Target(load_id=what, company_id=company_id)
    nearest = get_close_matches(what, known, n=1)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    raise UserError(f"nothing in raw is of a file or a load {what!r}{hint}")


def withdrawn_before(
    connection: duckdb.DuckDBPyConnection, settings: Settings, what: str
) -> tuple[str, datetime] | None:
    """Path and time of a withdrawal, where nothing of the path has been loaded since."""
    for path in _spellings(settings, what):
        (moment,) = only_row(connection.execute(_WITHDRAWN.replace("$path", literal(path))))
        is_loaded = f"select 1 from ({_PATHS}) where path = {literal(path)}"
        if moment is not None and connection.execute(is_loaded).fetchone() is None:
            return path, moment
    return None


def _spellings(settings: Settings, what: str) -> list[str]:
    """The name itself, and that of a local file below the landing zone."""
    names = [what]
    if "://" not in settings.landing:
        file, landing = Path(what).resolve(), Path(settings.landing).resolve()
        if file.is_relative_to(landing):
            names.append(file.relative_to(landing).as_posix())
    return names
